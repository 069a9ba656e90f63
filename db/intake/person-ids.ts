import type { PersonKey } from './person.ts';

/** Identity ids by the keys that name them. A map per kind, because a text made of kind and value for each look-up would cost more than it. */
export class PersonIds {
  readonly #ids: Record<PersonKey['kind'], Map<string, string>> = {
    visitor: new Map(),
    customer: new Map(),
    email: new Map(),
  };

  get({ kind, value }: PersonKey): string | undefined {
    return this.#ids[kind].get(value);
  }

  /** The id of a key that is known to have one. */
  of(key: PersonKey): string {
    const id = this.get(key);
    if (!id) throw new Error(`The identity of a ${key.kind} was not looked up.`);
    return id;
  }

  set({ kind, value }: PersonKey, id: string): void {
    this.#ids[kind].set(value, id);
  }

  values(): string[] {
    return Object.values(this.#ids).flatMap((ids) => [...ids.values()]);
  }
}
