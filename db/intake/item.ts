import { hash } from 'node:crypto';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { findJsonFault } from '../../domain/json/limits.ts';
import { JsonReader } from '../../domain/json/reader.ts';
import { epochMicros } from '../../domain/time/instant.ts';
import { NAME_PATTERN } from '../../domain/attribution/name.ts';
import { Refusal } from './result.ts';

/** Events may be this much ahead of the database's clock: clocks of senders differ. */
const MOST_SKEW_MICROS = 5 * 60 * 1_000_000;
/** Instants are compared as text, which is exact for years of four digits. */
const YEAR_10000 = Date.UTC(10_000, 0) * 1_000;
/** Characters that an id or another short text of an item may have. */
export const LONGEST_ID = 255;
const LONGEST_PROPERTIES = 8_192;
const MOST_LEVELS_OF_PROPERTIES = 32;
/** Instants in UTC of days that every month has: they need no calendar to be checked, and files hold little else. */
const PLAIN_INSTANT =
  /^(?:19[7-9]|20\d)\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$/;
/** What PostgreSQL cannot store as text: NUL, and halves of a surrogate pair. */
const UNSTORABLE = /\0|\p{Surrogate}/u;
/** The same in text that `JSON.stringify` wrote: an escape is one where no backslash stands before it that is none of an escaped pair. */
const UNSTORABLE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;
/** Text that is not blank and can be stored: nearly all text of facts by the million, and quicker to see than to check. */
const PLAIN_TEXT = /^[!-~]+$/;

/**
 * Reads the fields of one unknown item; the first fault of a kind that has its own code wins, every other one is `invalid`. What is in order is
 * seen at once; only what is not is taken to the general reader, which words the fault.
 */
export class ItemReader {
  readonly #fields: Record<string, unknown>;
  #faulty: JsonReader | undefined;

  constructor(value: unknown, known: readonly string[]) {
    if (hasOnly(value, known)) {
      this.#fields = value;
      return;
    }
    this.#fields = this.#reader.object(value, '', known) ?? {};
    if (!this.#reader.faults.some(({ path }) => path === '')) return;
    throw new Refusal('invalid', 'Give an object.');
  }

  get #reader(): JsonReader {
    return (this.#faulty ??= new JsonReader());
  }

  has(field: string): boolean {
    return this.#fields[field] !== undefined && this.#fields[field] !== null;
  }

  raw(field: string): unknown {
    return this.#fields[field];
  }

  fault(path: string, message: string): undefined {
    return this.#reader.fault(path, message);
  }

  /** A text of at most 255 characters that can be stored; null when absent. */
  text(field: string, longest = LONGEST_ID): string | null {
    const value = this.#fields[field];
    if (value === undefined || value === null) return null;
    if (typeof value === 'string' && value.length <= longest && PLAIN_TEXT.test(value)) return value;
    const text = this.#reader.text(value, field, longest) ?? null;
    if (text !== null && UNSTORABLE.test(text))
      this.fault(field, 'Give text without NUL and without broken characters.');
    return text;
  }

  requiredText(field: string, longest?: number): string {
    if (!this.has(field)) this.fault(field, 'Give this field.');
    return this.text(field, longest) ?? '';
  }

  /** A channel or a conversion type; null when absent. */
  name(field: string): string | null {
    const name = this.text(field);
    if (name !== null && !NAME_PATTERN.test(name)) this.fault(field, 'Give 1–64 of a–z, 0–9 and _.');
    return name;
  }

  choice<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.#fields[field] as T;
    return choices.includes(value) ? value : (this.#reader.choice(value, field, choices) ?? choices[0]!);
  }

  boolean(field: string): boolean | null {
    return this.has(field) ? (this.#reader.boolean(this.#fields[field], field) ?? null) : null;
  }

  /** The instant in UTC with microseconds. */
  instant(field: string): string {
    const text = this.#fields[field];
    const plain = typeof text === 'string' ? plainInstant(text) : null;
    if (plain !== null) return plain;
    const micros = microsOf(text);
    if (micros === null) this.fault(field, 'Give an RFC 3339 instant such as 2026-01-31T12:00:00Z.');
    else if (micros < 0 || micros >= YEAR_10000) this.fault(field, 'Give an instant of the years 1970 to 9999.');
    else return instantOfMicros(micros);
    return instantOfMicros(0);
  }

  /** Free facts of the sender: an object of at most 8 KiB and 32 levels; null when absent. */
  properties(): Record<string, unknown> | null {
    const value = this.#fields.properties;
    if (value === undefined || value === null) return null;
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.fault('properties', 'Give an object.');
      return null;
    }
    // First, because everything else that reads them goes down as deep as they are.
    const unwritable = findJsonFault(value, MOST_LEVELS_OF_PROPERTIES);
    if (unwritable) {
      this.fault('properties', unwritable.message);
      return null;
    }
    const text = JSON.stringify(value);
    if (text.length > LONGEST_PROPERTIES)
      this.fault('properties', `Give at most ${LONGEST_PROPERTIES} characters of JSON.`);
    else if (UNSTORABLE_ESCAPE.test(text))
      this.fault('properties', 'Give text without NUL and without broken characters.');
    return value as Record<string, unknown>;
  }

  /** @throws Refusal `invalid` naming every field that is wrong */
  assertNoFaults(): void {
    if (!this.#faulty) return;
    const { faults } = this.#faulty;
    if (faults.length === 0) return;
    throw new Refusal('invalid', faults.map(({ path, message }) => `${path}: ${message}`).join(' '));
  }
}

/** Whether a value is an object with no other fields than these. */
function hasOnly(value: unknown, known: readonly string[]): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  for (const field in value) if (!known.includes(field)) return false;
  return true;
}

function microsOf(text: unknown): number | null {
  try {
    return epochMicros(typeof text === 'string' ? text : '');
  } catch {
    return null;
  }
}

/** The instant with all six digits, if it is one in UTC that can be seen to be in order; null says nothing. */
export function plainInstant(text: string): string | null {
  if (!PLAIN_INSTANT.test(text)) return null;
  const seconds = text.slice(0, 19);
  return text.length === 20 ? `${seconds}.000000Z` : `${seconds}.${text.slice(20, -1).padEnd(6, '0')}Z`;
}

/** @throws Refusal `in-the-future` when an event claims to happen more than five minutes after it is received */
export function assertNotInFuture(occurredAt: string, receivedAt: string): void {
  if (occurredAt <= lastInstantOf(receivedAt)) return;
  throw new Refusal(
    'in-the-future',
    `occurredAt: ${occurredAt} lies more than five minutes in the future. Check the sender's clock.`,
  );
}

let known = { receivedAt: '', last: '' };

/** The latest instant that an event may carry, in the form that `instant` gives, which compares as text. A batch asks for one again and again. */
function lastInstantOf(receivedAt: string): string {
  if (known.receivedAt !== receivedAt)
    known = { receivedAt, last: instantOfMicros(epochMicros(receivedAt) + MOST_SKEW_MICROS) };
  return known.last;
}

/** RFC 3339 in UTC with all six digits, so that one instant has one text. */
function instantOfMicros(micros: number): string {
  const ms = Math.floor(micros / 1_000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(micros - ms * 1_000).padStart(3, '0')}Z`;
}

/** SHA-256 over the canonical JSON of an item, in hex: tells a duplicate from a reused id. */
export function digestOf(content: unknown): string {
  return digestOfText(canonicalJson(content));
}

/** The digest of an item whose canonical JSON this is. */
export function digestOfText(canonical: string): string {
  return hash('sha256', canonical, 'hex');
}
