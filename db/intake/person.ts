import { isPlaceholder } from '../../domain/attribution/identity.ts';
import { ItemReader } from './item.ts';
import { Refusal } from './result.ts';

/** One id that names a person. */
export interface PersonKey {
  kind: 'visitor' | 'customer' | 'email';
  value: string;
}

const FIELDS = { visitorId: 'visitor', customerId: 'customer', emailHash: 'email' } as const;
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
    if (typeof raw === 'string' && isPlaceholder(raw)) {
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
