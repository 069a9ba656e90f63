import { DomainError } from '../errors.ts';
import type { FieldFault } from '../errors.ts';
import { readDuration } from '../time/duration.ts';

/** What no field can be called: a reader that copies objects field by field loses it without a word. */
export const LOST_FIELD = '__proto__';

/** Values of one field that a document may hold; each of the `read…` methods returns undefined after noting a fault. */
type Fields = Record<string, unknown>;

/**
 * Walks an unknown JSON document and notes every fault with its path, so that a caller hears all of them at once.
 * Absent optional fields are no fault; unknown fields are.
 */
export class JsonReader {
  readonly faults: FieldFault[] = [];

  fault(path: string, message: string): undefined {
    this.faults.push({ path, message });
    return undefined;
  }

  /** The object at `path`, or undefined with a fault; fields outside `known` are faults. */
  object(value: unknown, path: string, known: readonly string[]): Fields | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.fault(path, 'Give an object.');
    }
    for (const key of Object.keys(value)) {
      if (!known.includes(key)) this.fault(join(path, key), `Unknown field; known are ${known.join(', ')}.`);
    }
    return value as Fields;
  }

  list(value: unknown, path: string, limit = 100): unknown[] | undefined {
    if (!Array.isArray(value)) return this.fault(path, 'Give a list.');
    if (value.length > limit) return this.fault(path, `Give at most ${limit} items.`);
    return value;
  }

  texts(value: unknown, path: string, limit = 100): string[] | undefined {
    const items = this.list(value, path, limit);
    if (!items) return undefined;
    return items.flatMap((item, index) => this.text(item, join(path, index)) ?? []);
  }

  text(value: unknown, path: string, longest = 10_000): string | undefined {
    if (typeof value !== 'string' || value.trim() === '') return this.fault(path, 'Give a text that is not empty.');
    if (value.length > longest) return this.fault(path, `Give at most ${longest} characters.`);
    return value;
  }

  /** A text that is the name of a field elsewhere, as a question's id is in answers. */
  fieldName(value: unknown, path: string, longest: number): string | undefined {
    if (value === LOST_FIELD) return this.fault(path, `No field can be called ${LOST_FIELD}; choose another name.`);
    return this.text(value, path, longest);
  }

  choice<T extends string>(value: unknown, path: string, choices: readonly T[]): T | undefined {
    if (choices.includes(value as T)) return value as T;
    return this.fault(path, `Give one of ${choices.join(', ')}.`);
  }

  integer(value: unknown, path: string, least: number, most: number): number | undefined {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    return this.fault(path, `Give a whole number from ${least} to ${most}.`);
  }

  number(value: unknown, path: string, least: number, most: number): number | undefined {
    if (typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most) return value;
    return this.fault(path, `Give a number from ${least} to ${most}.`);
  }

  boolean(value: unknown, path: string): boolean | undefined {
    return typeof value === 'boolean' ? value : this.fault(path, 'Give true or false.');
  }

  /** A duration text; `exact` refuses months and years, whose length depends on the day they start from. */
  duration(value: unknown, path: string, exact: boolean): string | undefined {
    const duration = typeof value === 'string' ? readDuration(value) : null;
    if (!duration) return this.fault(path, 'Give an ISO 8601 duration such as P30D or PT72H.');
    if (exact && duration.months > 0) return this.fault(path, 'Give days or hours; months and years vary in length.');
    return value as string;
  }

  /** @throws DomainError `invalid` with all faults, if there is one */
  assertNoFaults(what: string): void {
    const first = this.faults[0];
    if (!first) return;
    throw new DomainError('invalid', `${what} is not usable: ${first.path}: ${first.message}`, { errors: this.faults });
  }
}

/** Joins two parts of a field's path with a dot. */
export function join(path: string, key: string | number): string {
  return path === '' ? String(key) : `${path}.${key}`;
}
