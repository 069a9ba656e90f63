import { DomainError } from '../errors.ts';

/** Text that JSON writes as it is; facts by the million are mostly such text. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The one text of a JSON value: keys sorted by code unit, no spaces, `undefined` fields left out (as RFC 8785 does for our subset).
 * Hashes of terms, policies, events and documents are taken over this text, so two equal values always have one hash.
 * @throws DomainError `invalid` for numbers that JSON cannot carry and for values that are no JSON
 */
export function canonicalJson(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new DomainError('invalid', `${value} cannot be written as JSON.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value as Record<string, unknown>);
  throw new DomainError('invalid', `A ${typeof value} cannot be written as JSON.`);
}

function canonicalObject(object: Record<string, unknown>): string {
  let text = '';
  for (const key of sortedKeys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    if (text !== '') text += ',';
    text += `${canonicalJson(key)}:${canonicalJson(value)}`;
  }
  return `{${text}}`;
}

function sortedKeys(object: Record<string, unknown>): string[] {
  const keys = Object.keys(object);
  for (let index = 1; index < keys.length; index += 1) if (keys[index]! < keys[index - 1]!) return keys.sort();
  return keys;
}
