import type { VatAmounts, VatMode } from '../invoice/vat.ts';
import { vatOf } from '../invoice/vat.ts';

/** A balance that waits, net and with its VAT; negative when the partner owes. */
export interface Carry {
  netMinor: number;
  grossMinor: number;
}

export interface StatementInput {
  /** The amounts of the statement's own, new lines. */
  linesMinor: readonly number[];
  carryIn: Carry;
  vat: { mode: VatMode; rateBps: number };
  /** Gross amount below which the balance is carried. */
  minimumMinor: number;
  /** Last statement of a contract: no minimum. */
  isFinal: boolean;
}

/** What a statement says. `fresh` is what its document shows, because carry is never invoiced again. */
export interface Statement {
  fresh: VatAmounts;
  carryIn: Carry;
  totalNetMinor: number;
  totalGrossMinor: number;
  /** What can be paid now; 0 when it is carried or owed. */
  payableMinor: number;
  carryOut: Carry;
  /** What the partner owes after netting, ≥ 0: the payable below zero becomes a receivable. */
  receivableMinor: number;
  state: 'empty' | 'payable' | 'below-minimum' | 'owed';
}

/**
 * Draws a statement: new lines with their VAT, plus what was carried; paid when the gross total reaches the minimum
 * (settlement.md §2, §5). A receivable is a negative carry, so netting is this one sum.
 */
export function drawStatement({ linesMinor, carryIn, vat, minimumMinor, isFinal }: StatementInput): Statement {
  const fresh = vatOf(
    vat.mode,
    vat.rateBps,
    linesMinor.reduce((sum, minor) => sum + minor, 0),
  );
  const totalNetMinor = carryIn.netMinor + fresh.netMinor;
  const totalGrossMinor = carryIn.grossMinor + fresh.grossMinor;
  const state = stateOf(linesMinor.length, totalGrossMinor, isFinal ? 0 : minimumMinor);
  const isPaid = state === 'payable';
  return {
    fresh,
    carryIn,
    totalNetMinor,
    totalGrossMinor,
    payableMinor: isPaid ? totalGrossMinor : 0,
    carryOut: isPaid ? { netMinor: 0, grossMinor: 0 } : { netMinor: totalNetMinor, grossMinor: totalGrossMinor },
    receivableMinor: Math.max(0, 0 - totalGrossMinor),
    state,
  };
}

function stateOf(lines: number, grossMinor: number, minimumMinor: number): Statement['state'] {
  // Without a new line there is nothing to decide: no task opens, what was carried goes on.
  if (lines === 0) return 'empty';
  if (grossMinor < 0) return 'owed';
  return grossMinor > 0 && grossMinor >= minimumMinor ? 'payable' : 'below-minimum';
}

/**
 * What the ledger moves at a statement so that the payable is never below zero: a shortfall when it would be, netting when the
 * partner owes and has something payable again (settlement.md §4).
 * @param payableMinor balance of `payable` once the statement's rows and VAT are posted; may be negative
 * @param receivableMinor balance of `receivable`, ≥ 0
 */
export function settleReceivable(
  payableMinor: number,
  receivableMinor: number,
): { shortfall: number; netting: number } {
  if (payableMinor < 0) return { shortfall: -payableMinor, netting: 0 };
  return { shortfall: 0, netting: Math.min(payableMinor, receivableMinor) };
}
