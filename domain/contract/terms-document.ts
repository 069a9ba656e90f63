import { checkCalendar } from '../settlement/calendar-document.ts';
import type { CalendarChecks } from '../settlement/calendar-document.ts';
import { checkPlan } from '../commission/plan-document.ts';
import { DomainError } from '../errors.ts';
import type { FieldFault } from '../errors.ts';
import { JsonReader, join } from '../json/reader.ts';
import { isCurrency } from '../money/currencies.ts';
import { readMoney } from '../money/document.ts';
import { parseDuration } from '../time/duration.ts';
import { checkChannels } from '../attribution/channels-document.ts';
import { TOUCHPOINT_KINDS } from './terms.ts';
import type { Terms, TermsChanges } from './terms.ts';

const REQUIRED = ['plan', 'calendar', 'currency', 'lookback', 'channels', 'hold', 'minimumPayout', 'tail'] as const;
const FIELDS = [...REQUIRED, 'expires'] as const;

/**
 * Faults of changes of terms, each with its path below `path`; an empty list means they can be merged.
 * `currency` is the one that the amounts must have when the changes name none.
 */
export function termsChangesFaults(value: unknown, path = 'changes', checks: DocumentChecks = {}): FieldFault[] {
  const reader = new JsonReader();
  const changes = reader.object(value, path, FIELDS);
  if (!changes) return reader.faults;
  const currency = readCurrency(reader, changes.currency, join(path, 'currency')) ?? checks.currency;
  if (changes.plan !== undefined) checkPlan(reader, changes.plan, join(path, 'plan'), currency);
  if (changes.calendar !== undefined) checkCalendar(reader, changes.calendar, join(path, 'calendar'), checks);
  if (changes.lookback !== undefined) checkLookback(reader, changes.lookback, join(path, 'lookback'));
  if (changes.channels !== undefined) checkChannels(reader, changes.channels, join(path, 'channels'));
  if (changes.hold !== undefined) reader.duration(changes.hold, join(path, 'hold'), true);
  if (changes.minimumPayout !== undefined) {
    readMoney(reader, changes.minimumPayout, join(path, 'minimumPayout'), { currency });
  }
  if (changes.tail !== undefined && changes.tail !== null) reader.duration(changes.tail, join(path, 'tail'), true);
  if (changes.expires !== undefined && changes.expires !== null) {
    checkExpires(reader, changes.expires, join(path, 'expires'));
  }
  return reader.faults;
}

export interface DocumentChecks extends CalendarChecks {
  currency?: string;
}

/** @throws DomainError `invalid` with every fault of the changes */
export function assertTermsChanges(value: unknown, path?: string, checks?: DocumentChecks): TermsChanges {
  const faults = termsChangesFaults(value, path, checks);
  const [first] = faults;
  if (first) throw new DomainError('invalid', `${first.path}: ${first.message}`, { errors: faults });
  return value as TermsChanges;
}

/**
 * Whole terms: every field there but `expires`, amounts in the contract's currency, at least one rule.
 * @throws DomainError `invalid` with every fault
 */
export function assertTerms(terms: Terms, path = 'terms', checks: CalendarChecks = {}): Terms {
  const reader = new JsonReader();
  for (const field of REQUIRED) {
    if (terms[field] === undefined) reader.fault(join(path, field), 'Give this field.');
  }
  reader.faults.push(...termsChangesFaults(terms, path, { ...checks, currency: terms.currency }));
  if (terms.plan?.rules?.length === 0) reader.fault(join(path, 'plan.rules'), 'Give at least one rule.');
  reader.assertNoFaults('The contract');
  return terms;
}

function readCurrency(reader: JsonReader, value: unknown, path: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && isCurrency(value)) return value;
  return reader.fault(path, 'Give an active ISO 4217 currency such as EUR.');
}

function checkLookback(reader: JsonReader, value: unknown, path: string): void {
  const lookback = reader.object(value, path, ['default', 'byKind']);
  if (!lookback) return;
  if (lookback.default !== undefined) reader.duration(lookback.default, join(path, 'default'), true);
  if (lookback.byKind === undefined) return;
  const byKind = reader.object(lookback.byKind, join(path, 'byKind'), TOUCHPOINT_KINDS) ?? {};
  for (const [kind, text] of Object.entries(byKind)) reader.duration(text, join(join(path, 'byKind'), kind), true);
}

/** Months, years or days are counted by the calendar, so they do not stand together with hours. */
function checkExpires(reader: JsonReader, value: unknown, path: string): void {
  const text = reader.duration(value, path, false);
  if (text === undefined) return;
  const { months, days, ms } = parseDuration(text);
  if (months + days + ms === 0) reader.fault(path, 'Give a duration that is longer than nothing.');
  else if (months > 0 && ms > 0) reader.fault(path, 'Give months or years without hours, or days and hours alone.');
}
