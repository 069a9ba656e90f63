import { DomainError } from '../errors.ts';
import { safeMinor } from '../money/money.ts';
import type { Account } from './accounts.ts';

export interface Posting {
  account: Account;
  side: 'debit' | 'credit';
  /** Smallest units, > 0. */
  minor: number;
}

/** One entry of the ledger: postings of one currency whose debits equal their credits. */
export interface Entry {
  kind: EntryKind;
  currency: string;
  postings: Posting[];
}

export type EntryKind =
  | 'earned'
  | 'reduced'
  | 'waived'
  | 'lock'
  | 'statement'
  | 'hold-confirmed'
  | 'vat-added'
  | 'vat-included'
  | 'shortfall'
  | 'netting'
  | 'released'
  | 'paid'
  | 'failed'
  | 'returned'
  | 'rail-fee'
  | 'written-off'
  | 'currency-out'
  | 'currency-in';

/**
 * An entry that debits one account and credits another. A negative amount turns the sides round, so that a correction is the
 * mirror of what it corrects.
 * @throws DomainError `invalid` for zero: an entry that moves nothing is no entry
 */
export function move(kind: EntryKind, currency: string, minor: number, debit: Account, credit: Account): Entry {
  safeMinor(minor);
  if (minor === 0) throw new DomainError('invalid', 'An entry of nothing is not posted.');
  const [from, to] = minor > 0 ? [debit, credit] : [credit, debit];
  return assertBalanced({
    kind,
    currency,
    postings: [
      { account: from, side: 'debit', minor: Math.abs(minor) },
      { account: to, side: 'credit', minor: Math.abs(minor) },
    ],
  });
}

/** @throws DomainError `internal` when debits and credits differ, or an amount is not a positive whole number */
export function assertBalanced(entry: Entry): Entry {
  let sum = 0;
  for (const { side, minor } of entry.postings) {
    if (!Number.isSafeInteger(minor) || minor <= 0) {
      throw new DomainError('internal', `A posting of ${minor} is not a positive whole number.`);
    }
    sum += side === 'debit' ? minor : -minor;
  }
  if (sum !== 0 || entry.postings.length < 2) {
    throw new DomainError('internal', `The entry "${entry.kind}" does not balance: ${sum}.`);
  }
  return entry;
}
