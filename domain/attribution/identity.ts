/** The most ids that one person may have; a larger union is no person but a fault of the caller. */
export const MOST_IDS = 50;

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

const LENGTHS = new Set(Array.from(PLACEHOLDERS, ({ length }) => length));

/** How the ids begin that Tandem makes up: senders may not send such a customer, or it would be taken for another person. */
const MADE_UP = 'tandem:';

/** The customer of a conversion that names nobody: whoever placed the order, or followed the click that is not stored yet. */
export function madeUpCustomer(of: 'order' | 'click', id: string): string {
  return `${MADE_UP}${of}:${id}`;
}

/** Whether a customer's id is one that `madeUpCustomer` makes. */
export function isMadeUp(value: string): boolean {
  return value.startsWith(MADE_UP);
}

/** Whether a value names nobody: empty, all zeros, or a word that stands for "not known". */
export function isPlaceholder(value: string): boolean {
  const text = value.trim();
  if (!text.startsWith('0') && !LENGTHS.has(text.length)) return false;
  return PLACEHOLDERS.has(text.toLowerCase()) || /^0+$/.test(text);
}
