/** What an event says of the person behind it; `emailHash` is a hash made by the caller, never an address. */
export interface IdentityFields {
  visitorId?: string | null;
  customerId?: string | null;
  emailHash?: string | null;
}

export const IDENTITY_FIELDS = ['visitorId', 'customerId', 'emailHash'] as const;
export type IdentityField = (typeof IDENTITY_FIELDS)[number];

/** One id of a person: the field and its value. The same text in two fields is two ids. */
export interface IdentityKey {
  field: IdentityField;
  value: string;
}

/** The most ids that one person may have; a larger union is no person but a fault of the caller. */
export const MOST_IDS = 50;
const LONGEST = 256;

/** Values that systems send when they know nobody; merging on one of them would make one person of all. */
const PLACEHOLDERS = new Set([
  '',
  '0',
  '-1',
  'null',
  'nil',
  'none',
  'undefined',
  'unknown',
  'anonymous',
  'guest',
  'n/a',
  'na',
  'nan',
  'false',
  'true',
  'test',
  '(not set)',
  '[object object]',
  '00000000-0000-0000-0000-000000000000',
]);

/** Whether a value names nobody: empty, all zeros, or a word that stands for "not known". */
export function isPlaceholder(value: string): boolean {
  const text = value.trim().toLowerCase();
  return PLACEHOLDERS.has(text) || /^0+$/.test(text);
}

export interface IdentityReading {
  keys: IdentityKey[];
  /** Fields whose value was refused, with the reason. */
  refused: { field: IdentityField; reason: 'placeholder' | 'too-long' }[];
}

/** The ids that an event carries; two or more of them merge. Refused values are told and left out, never merged on. */
export function readIdentity(fields: IdentityFields): IdentityReading {
  const reading: IdentityReading = { keys: [], refused: [] };
  for (const field of IDENTITY_FIELDS) {
    const value = fields[field];
    if (value === undefined || value === null) continue;
    if (isPlaceholder(value)) reading.refused.push({ field, reason: 'placeholder' });
    else if (value.length > LONGEST) reading.refused.push({ field, reason: 'too-long' });
    else reading.keys.push({ field, value: value.trim() });
  }
  return reading;
}

/** A merge that was accepted or undone, in order of receipt; the log is append-only. */
export interface MergeFact {
  id: string;
  a: string;
  b: string;
  undone: boolean;
}

export interface Union {
  /** Members of each identity by its smallest id. */
  groups: Map<string, string[]>;
  /** Merges that would have made a person of more than 50 ids. */
  refused: string[];
}

/** The people that a merge log makes of ids: a union over all merges that are not undone, in order of the log. */
export function unionOf(merges: readonly MergeFact[]): Union {
  const parent = new Map<string, string>();
  const size = new Map<string, number>();
  const refused: string[] = [];
  const root = (id: string): string => {
    let at = id;
    while (parent.get(at) !== undefined && parent.get(at) !== at) at = parent.get(at)!;
    parent.set(id, at);
    return at;
  };
  for (const { id, a, b, undone } of merges) {
    const [one, other] = [root(a), root(b)].sort();
    if (undone || one === other) continue;
    const sum = (size.get(one!) ?? 1) + (size.get(other!) ?? 1);
    if (sum > MOST_IDS) refused.push(id);
    else {
      parent.set(other!, one!);
      size.set(one!, sum);
    }
  }
  const groups = new Map<string, string[]>();
  for (const id of [...parent.keys()].sort()) groups.set(root(id), [...(groups.get(root(id)) ?? []), id]);
  return { groups, refused };
}
