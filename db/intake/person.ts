import { ItemReader } from './item.ts';
import { Refusal } from './result.ts';

/** One id that names a person. */
export interface PersonKey {
  kind: 'visitor' | 'customer' | 'email';
  value: string;
}

const FIELDS = { visitorId: 'visitor', customerId: 'customer', emailHash: 'email' } as const;
/** What senders write when they do not know: merging by it would make one person of strangers (attribution.md §6). */
const PLACEHOLDERS = new Set([
  '',
  '0',
  '-1',
  'null',
  'undefined',
  'none',
  'nil',
  'nan',
  'anonymous',
  'unknown',
  'n/a',
  'guest',
  'false',
  'true',
  '(not set)',
  '[object object]',
  '00000000-0000-0000-0000-000000000000',
]);

/**
 * Reads `{ visitorId?, customerId?, emailHash? }`; an absent object names nobody.
 * @throws Refusal `placeholder-identity` for a value that stands for "not known"
 */
export function readPerson(value: unknown, path = 'identity'): PersonKey[] {
  if (value === undefined || value === null) return [];
  const reader = new ItemReader(value, Object.keys(FIELDS));
  const keys: PersonKey[] = [];
  for (const [field, kind] of Object.entries(FIELDS)) {
    if (!reader.has(field)) continue;
    const raw = reader.raw(field);
    if (typeof raw === 'string' && PLACEHOLDERS.has(raw.trim().toLowerCase())) {
      throw new Refusal(
        'placeholder-identity',
        `${path}.${field}: "${raw}" names nobody. Leave the field out when the person is not known.`,
      );
    }
    const text = reader.text(field);
    if (text !== null) keys.push({ kind, value: kind === 'email' ? text.toLowerCase() : text });
  }
  try {
    reader.assertNoFaults();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.code, `${path}.${error.message}`) : error;
  }
  return keys;
}

/** One text per person key, for maps. */
export function personKeyText({ kind, value }: PersonKey): string {
  return `${kind}:${value}`;
}
