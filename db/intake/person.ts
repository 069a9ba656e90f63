import { isMadeUp, isPlaceholder } from '../../domain/attribution/identity.ts';
import { isHashOfNobody } from './hash-of-nobody.ts';
import { ItemReader } from './item.ts';
import { Refusal } from './result.ts';

/** One id that names a person. */
export interface PersonKey {
  kind: 'visitor' | 'customer' | 'email';
  value: string;
}

const KINDS = [
  ['visitorId', 'visitor'],
  ['customerId', 'customer'],
  ['emailHash', 'email'],
] as const;
/** Most items name one person by one id: a list that grows would keep room for seventeen. */
const NOBODY: PersonKey[] = [];
const FIELDS = KINDS.map(([field]) => field);

/** Who says who somebody is: a sender, or Tandem of a person that it knows, whose customer's id may be made up. */
export type PersonSource = 'sender' | 'tandem';

/**
 * Reads `{ visitorId?, customerId?, emailHash? }`; an absent object names nobody.
 * @param path of the object in what was sent; empty where its fields stand in the item itself
 * @throws Refusal `placeholder-identity` for a value that stands for "not known"
 */
export function readPerson(value: unknown, path = 'identity', source: PersonSource = 'sender'): PersonKey[] {
  if (value === undefined || value === null) return [];
  const prefix = path === '' ? '' : `${path}.`;
  const reader = new ItemReader(value, FIELDS);
  let keys: PersonKey[] = NOBODY;
  for (const [field, kind] of KINDS) {
    if (!reader.has(field)) continue;
    const raw = reader.raw(field);
    if (typeof raw === 'string' && (isPlaceholder(raw) || isHashOfNobody(raw))) {
      throw new Refusal(
        'placeholder-identity',
        `${prefix}${field}: "${raw}" names nobody. Leave the field out when the person is not known.`,
      );
    }
    const text = reader.text(field);
    if (text === null) continue;
    if (kind === 'customer' && source === 'sender' && isMadeUp(text))
      reader.fault(field, 'Ids that begin with "tandem:" are made by Tandem. Give an id of your own.');
    if (kind === 'email' && source === 'sender' && text.includes('@'))
      reader.fault(field, 'Give the SHA-256 of the address in lower case, as hex, and not the address.');
    const key = { kind, value: kind === 'email' ? text.toLowerCase() : text };
    keys = keys.length === 0 ? [key] : [...keys, key];
  }
  try {
    reader.assertNoFaults();
  } catch (error) {
    throw error instanceof Refusal ? new Refusal(error.code, `${prefix}${error.message}`) : error;
  }
  return keys;
}
