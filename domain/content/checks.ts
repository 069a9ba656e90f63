/** One automatic check of a draft; `unknown` when there was nothing to look at, which a person must then do. */
export interface ContentCheck {
  name: 'disclosure' | 'own-link';
  result: 'ok' | 'missing' | 'unknown';
  detail: string;
}

/** Words by which a reader knows that something is advertising; law and platforms ask for one that is clear. */
const DISCLOSURES = [
  '#ad',
  '#advert',
  '#advertisement',
  '#sponsored',
  '#anzeige',
  '#werbung',
  '#pr',
  'advertisement',
  'sponsored',
  'paid partnership',
  'paid promotion',
  'affiliate link',
  'anzeige',
  'werbung',
  'bezahlte partnerschaft',
  'gesponsert',
  '広告',
  'プロモーション',
];

/**
 * Checks a draft for a disclosure and for the partner's own tracking link.
 * @param text the draft, or null when only an address was given
 * @param ownLinks addresses of the partner's links and its coupon codes
 */
export function checkDraft(text: string | null, ownLinks: readonly string[]): ContentCheck[] {
  if (text === null || text.trim() === '') {
    const detail = 'There is no text to read; a person must look.';
    return [
      { name: 'disclosure', result: 'unknown', detail },
      { name: 'own-link', result: 'unknown', detail },
    ];
  }
  return [checkDisclosure(text), checkOwnLink(text, ownLinks)];
}

function checkDisclosure(text: string): ContentCheck {
  const found = DISCLOSURES.find((word) => containsWord(text.toLowerCase(), word));
  return found
    ? { name: 'disclosure', result: 'ok', detail: `Found "${found}".` }
    : { name: 'disclosure', result: 'missing', detail: 'Say that it is advertising, for instance with #ad.' };
}

function checkOwnLink(text: string, ownLinks: readonly string[]): ContentCheck {
  if (ownLinks.length === 0) {
    return { name: 'own-link', result: 'unknown', detail: 'The partner has no link yet; make one first.' };
  }
  const found = ownLinks.find((link) => containsWord(text.toLowerCase(), link.toLowerCase()));
  return found
    ? { name: 'own-link', result: 'ok', detail: `Found ${found}.` }
    : { name: 'own-link', result: 'missing', detail: 'Put in your own link, or nothing can be credited to you.' };
}

/**
 * Whole words only: "#ad" is not in "#adventure", and "/r/abc" is not in "/r/abcd"; before a path stands its host.
 * Scripts without spaces have no word ends.
 */
function containsWord(text: string, word: string): boolean {
  const isLatin = /^[\x20-\x7eäöüß]+$/.test(word);
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + word.length] ?? ' '];
    const isBegun = word.startsWith('/') || !/[\p{L}\p{N}_#]/u.test(before);
    if (!isLatin || (isBegun && !/[\p{L}\p{N}_-]/u.test(after))) return true;
  }
  return false;
}
