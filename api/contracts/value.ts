import { z } from 'zod';
import { isCurrency } from '../../domain/money/currencies.ts';
import { isInYears, OTHER_YEARS } from '../../domain/time/instant.ts';

/** The words that many contracts share: texts, places, times, money. */

/** What PostgreSQL cannot store as text. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** A text that is shown to people: 1 to `longest` characters, not only blanks. */
export function text(longest = 200): z.ZodString {
  return z
    .string()
    .trim()
    .min(1, 'Give at least one character.')
    .max(longest, `Give at most ${longest} characters.`)
    .refine((value) => !UNSTORABLE.test(value), 'Give text without NUL and without broken characters.');
}

export const name = text(200);
export const reason = text(2_000).describe('Why; the other side can read it.');
export const email = z.email('Give an e-mail address.').max(254);
export const word = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'Give 1–64 of a–z, 0–9, _ and -, beginning with a letter or digit.');
export const words = z
  .array(word)
  .max(50)
  .transform((list) => [...new Set(list)]);

const REGIONS = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
export const country = z
  .string()
  // What is no code at all must not come to `Intl`, which throws at it.
  .regex(/^[A-Z]{2}$/, { error: 'Give an ISO 3166-1 alpha-2 country such as DE.', abort: true })
  .refine((code) => REGIONS.of(code) !== undefined, 'Give an ISO 3166-1 alpha-2 country such as DE.')
  .meta({ description: 'ISO 3166-1 alpha-2', example: 'DE' });

export const language = z
  .string()
  .max(35)
  .refine((tag) => isLanguage(tag), 'Give a BCP 47 language such as de or en-GB.')
  .meta({ description: 'BCP 47', example: 'de' });

export const timeZone = z
  .string()
  .max(64)
  .refine((zone) => isZone(zone), 'Give an IANA time zone such as Europe/Berlin.')
  .meta({ description: 'IANA time zone', example: 'Europe/Berlin' });

export const currency = z
  .string()
  .refine((code) => isCurrency(code), 'Give an ISO 4217 currency such as EUR.')
  .meta({ description: 'ISO 4217', example: 'EUR' });

/** Any offset in, `Z` out: in the years that have four digits, so that instants compare as text. */
export const instant = z.iso
  .datetime({ offset: true, error: 'Give an RFC 3339 instant such as 2026-01-31T12:00:00Z.' })
  .transform((value, context) => {
    const at = new Date(value);
    if (isInYears(at.getTime())) return at.toISOString();
    // Going on, a union names the field and not itself; what is returned goes nowhere.
    context.addIssue({ code: 'custom', message: OTHER_YEARS, continue: true });
    return value;
  })
  .meta({ description: 'RFC 3339', example: '2026-01-31T12:00:00Z' });

export const money = z.strictObject({ minor: z.int('Give whole minor units.'), currency }).meta({
  id: 'Money',
  description: "Integers of the currency's smallest unit.",
  example: { minor: 1234, currency: 'EUR' },
});

const LONGEST_URL = 2_000;

export const webUrl = z
  .url({ protocol: /^https?$/, error: urlWords, abort: true })
  .max(LONGEST_URL, {
    error: `Give an address of at most ${LONGEST_URL.toLocaleString('en')} characters.`,
    abort: true,
  })
  .refine((value) => !UNSTORABLE.test(value), 'Give an address without NUL and without broken characters.')
  // Before the @ stands what looks like the host to people.
  .refine((value) => !hasUserInfo(value), 'Give an address without a user name or password before the host.');

export const id = z.string().min(1).max(200);

function hasUserInfo(address: string): boolean {
  const { username, password } = new URL(address);
  return username !== '' || password !== '';
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** What is wrong with a text that is no web address; nothing for what is no text at all. */
function urlWords({ code, input }: { code: string; input?: unknown }): string | undefined {
  if (code !== 'invalid_format') return undefined;
  if (!/^\s*https?:\/\//i.test(String(input))) return 'Give a web address that starts with https://.';
  const port = Number(/^\s*https?:\/\/[^/?#\\]*:(\d+)\s*(?:[/?#\\]|$)/i.exec(String(input))?.[1]);
  if (port > 65_535) return `Give a port up to 65535; ${port} is none.`;
  return 'Give a whole web address such as https://shop.example/path; what stands behind https:// cannot be read.';
}
