import type { MoneyPlace } from '../commission/revision.ts';
import { partnerAccount as of } from './accounts.ts';
import { move } from './entry.ts';
import type { Entry } from './entry.ts';

/** Whose money and how much, in smallest units of one currency; amounts are positive unless a function says otherwise. */
export interface Movement {
  partnerId: string;
  currency: string;
  minor: number;
}

/** Commissions earned or adjusted upwards, as one entry per partner and posting batch. */
export function earned({ partnerId, currency, minor }: Movement): Entry {
  return move('earned', currency, minor, 'commission-expense', of('pending', partnerId));
}

/** A refund or adjustment downwards by `minor`, taken from where the corrected money stands. */
export function reduced({ partnerId, currency, minor }: Movement, place: MoneyPlace): Entry {
  return move('reduced', currency, minor, of(place, partnerId), 'commission-expense');
}

/** Goodwill beside a reduction that is waived, into the same account; negative when an earlier waiver falls. */
export function waived({ partnerId, currency, minor }: Movement, place: MoneyPlace): Entry {
  return move('waived', currency, minor, 'goodwill', of(place, partnerId));
}

/** A window locks: its rows' sum, which may be negative. */
export function locked({ partnerId, currency, minor }: Movement): Entry {
  return move('lock', currency, minor, of('pending', partnerId), of('locked', partnerId));
}

/** A statement takes the rows that are not held; their sum may be negative. */
export function stated({ partnerId, currency, minor }: Movement): Entry {
  return move('statement', currency, minor, of('locked', partnerId), of('payable', partnerId));
}

/** A hold is confirmed: the held money is not paid. */
export function holdConfirmed({ partnerId, currency, minor }: Movement): Entry {
  return move('hold-confirmed', currency, minor, of('locked', partnerId), 'commission-expense');
}

/** VAT on top of the net; negative on a credit note. */
export function vatAdded({ partnerId, currency, minor }: Movement): Entry {
  return move('vat-added', currency, minor, 'vat-input', of('payable', partnerId));
}

/** VAT that the gross contains: no money of the partner's, only ours from expense to input tax. */
export function vatIncluded({ currency, minor }: Omit<Movement, 'partnerId'>): Entry {
  return move('vat-included', currency, minor, 'vat-input', 'commission-expense');
}

/** The payable is below zero at the statement: the partner owes the shortfall. */
export function shortfall({ partnerId, currency, minor }: Movement): Entry {
  return move('shortfall', currency, minor, of('receivable', partnerId), of('payable', partnerId));
}

/** What a partner owes is taken from what is payable: the smaller of both. */
export function netted({ partnerId, currency, minor }: Movement): Entry {
  return move('netting', currency, minor, of('payable', partnerId), of('receivable', partnerId));
}

/** A payout is released, before the provider is called. */
export function released({ partnerId, currency, minor }: Movement): Entry {
  return move('released', currency, minor, of('payable', partnerId), 'payout-clearing');
}

/** The provider confirmed the payout. */
export function paid({ currency, minor }: Omit<Movement, 'partnerId'>): Entry {
  return move('paid', currency, minor, 'payout-clearing', 'bank');
}

/** The payout failed, or was found not paid: the money is payable again. */
export function failed({ partnerId, currency, minor }: Movement): Entry {
  return move('failed', currency, minor, 'payout-clearing', of('payable', partnerId));
}

/** Money that was paid came back. */
export function returned({ partnerId, currency, minor }: Movement): Entry {
  return move('returned', currency, minor, 'bank', of('payable', partnerId));
}

/** What the rail took for a payout; ours, not the partner's. */
export function railFee({ currency, minor }: Omit<Movement, 'partnerId'>): Entry {
  return move('rail-fee', currency, minor, 'payout-fees', 'bank');
}

/** Two persons gave up what a partner owes. */
export function writtenOff({ partnerId, currency, minor }: Movement): Entry {
  return move('written-off', currency, minor, 'write-off', of('receivable', partnerId));
}

/** A balance changes currency at a window boundary: one entry in each, `old.minor` for `next.minor`. */
export function currencyChanged(old: Movement, next: Movement): [Entry, Entry] {
  return [
    move('currency-out', old.currency, old.minor, of('payable', old.partnerId), 'fx'),
    move('currency-in', next.currency, next.minor, 'fx', of('payable', next.partnerId)),
  ];
}
