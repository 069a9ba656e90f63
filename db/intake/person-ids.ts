import type { PersonKey } from './person.ts';

/**
 * Identity ids by the keys that name them. Each key has a slot, so that a row which has looked for its person once need not do so again. A map per
 * kind, because a text made of kind and value for each look-up would cost more than it.
 */
export class PersonIds {
  readonly #slots: Record<PersonKey['kind'], Map<string, number>> = {
    visitor: new Map(),
    customer: new Map(),
    email: new Map(),
  };
  readonly #keys: PersonKey[] = [];
  readonly #ids: (string | undefined)[] = [];
  /** The ids that were made for these keys, and were not there before. */
  made: readonly string[] = [];

  /** Each key once; its place is its slot. */
  get keys(): readonly PersonKey[] {
    return this.#keys;
  }

  /** @returns the slot of a key, a new one when it has none */
  add(key: PersonKey): number {
    const slots = this.#slots[key.kind];
    let slot = slots.get(key.value);
    if (slot === undefined) {
      slot = this.#keys.push(key) - 1;
      slots.set(key.value, slot);
      this.#ids.push(undefined);
    }
    return slot;
  }

  /** Keys without an id. */
  missing(): PersonKey[] {
    return this.#keys.filter((_, slot) => this.#ids[slot] === undefined);
  }

  /** The id of a slot that is known to have one. */
  at(slot: number): string {
    const id = this.#ids[slot];
    if (id === undefined) throw new Error(`The identity of a ${this.#keys[slot]?.kind} was not looked up.`);
    return id;
  }

  /** The id of a key that is known to have one. */
  of(key: PersonKey): string {
    return this.at(this.add(key));
  }

  set(key: PersonKey, id: string): void {
    this.#ids[this.add(key)] = id;
  }

  /** The ids that are known. */
  values(): string[] {
    return this.#ids.filter((id) => id !== undefined);
  }
}
