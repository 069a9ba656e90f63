/** The most ids that one person may have; a larger union is no person but a fault of the caller. */
export const MOST_IDS = 50;

/** Words that systems send when they know nobody, in lower case; merging on one of them would make one person of all. */
export const PLACEHOLDER_WORDS: ReadonlySet<string> = new Set([
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
  '[]',
  '{}',
  '00000000-0000-0000-0000-000000000000',
]);

/** Characters that are not seen: a word among them is still that word. */
const UNSEEN = /[\u200B-\u200D\u2060\uFEFF]/g;
const QUOTED = /^(["'`])(.*)\1$/s;
/** Zeros, with a point or not, and strokes that fill a field. */
const NO_MORE_THAN_FILLING = /^(?:0+(?:[.,]0+)?|[-_.?*#]+)$/;
/** A place of a template that nobody filled in, as a whole: `{{customer.id}}`, `${id}`, `%%email%%`, `<%= id %>`, `*|EMAIL|*`, `[[id]]`. */
const UNFILLED = /^(?:\{\{.*\}\}|\$\{.*\}|%%.*%%|<%.*%>|\*\|.*\|\*|\[\[.*\]\])$/s;

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

/** Whether a value names nobody: empty, all zeros, a word that stands for "not known", quoted or not, or a template that nobody filled in. */
export function isPlaceholder(value: string): boolean {
  const seen = value.replace(UNSEEN, '').trim();
  const text = (QUOTED.exec(seen)?.[2] ?? seen).trim();
  return PLACEHOLDER_WORDS.has(text.toLowerCase()) || NO_MORE_THAN_FILLING.test(text) || UNFILLED.test(text);
}
