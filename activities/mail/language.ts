import { decimalText } from '../../domain/money/format.ts';
import { currencyExponent } from '../../domain/money/currencies.ts';
import type { Money } from '../../domain/money/money.ts';
import { ENGLISH } from './letters/english.ts';
import { GERMAN } from './letters/german.ts';
import type { LetterBook } from './letters/letter.ts';

/** Languages that mails are written in, by their subtag; any other reads English. */
export const LETTER_BOOKS: Record<string, LetterBook> = { en: ENGLISH, de: GERMAN };

/** The words for a reader, and the language that they are in: `de-AT` reads German, `ja` English. */
export function letterBook(language: string): { language: string; book: LetterBook } {
  const subtag = language.toLowerCase().split('-')[0]!;
  const book = LETTER_BOOKS[subtag];
  return book ? { language: subtag, book } : { language: 'en', book: ENGLISH };
}

/** A day with its time, as its reader writes it, for instance `3 December 2026 at 14:00 CET`. */
export function localMoment(instant: string, { language, timeZone }: { language: string; timeZone: string }): string {
  return momentFormat(language === 'en' ? 'en-GB' : language, timeZone).format(new Date(instant));
}

/** Making one takes a millisecond, and a program has few languages and zones. */
const momentFormats = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATS = 500;

function momentFormat(locale: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`;
  const known = momentFormats.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(locale, {
    ...{ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
    timeZone,
  });
  if (momentFormats.size >= MOST_FORMATS) momentFormats.clear();
  momentFormats.set(key, format);
  return format;
}

/** An amount as its reader writes it: `€12.34`, `12,34 €`. Exact: the number is handed over as text. */
export function localMoney(money: Money, language: string): string {
  const digits = currencyExponent(money.currency);
  const format = new Intl.NumberFormat(language === 'en' ? 'en-GB' : language, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(decimalText(money) as Intl.StringNumericLiteral);
}
