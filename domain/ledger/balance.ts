import { accountName } from './accounts.ts';
import type { Account, PartnerAccountName, ProgramAccountName } from './accounts.ts';
import type { Entry, Posting } from './entry.ts';

/** Debits minus credits per account, of entries of one currency. */
export function foldBalances(postings: Iterable<Posting>): Map<Account, number> {
  const balances = new Map<Account, number>();
  for (const { account, side, minor } of postings) {
    balances.set(account, (balances.get(account) ?? 0) + (side === 'debit' ? minor : -minor));
  }
  return balances;
}

/** Both sides of the identity that always holds, in smallest units of one currency. */
export interface LedgerIdentity {
  /** commission-expense + goodwill + vat-input + write-off */
  spent: number;
  /** pending + locked + payable + clearing − receivable + paid (+ fx) */
  owedAndPaid: number;
}

/**
 * Expense + goodwill + vat-input + write-off = pending + locked + payable + clearing − receivable + paid, with fx
 * (settlement.md §4). Paid is what left the bank for payouts: rail fees left it too, but are no partner's money.
 */
export function ledgerIdentity(entries: Iterable<Entry>): LedgerIdentity {
  const sums = new Map<PartnerAccountName | ProgramAccountName, number>();
  for (const { postings } of entries) {
    for (const [account, balance] of foldBalances(postings)) {
      const name = accountName(account);
      sums.set(name, (sums.get(name) ?? 0) + balance);
    }
  }
  const debit = (name: PartnerAccountName | ProgramAccountName) => sums.get(name) ?? 0;
  const credit = (name: PartnerAccountName | ProgramAccountName) => 0 - debit(name);
  const paid = credit('bank') - debit('payout-fees');
  const owed = credit('pending') + credit('locked') + credit('payable') + credit('payout-clearing');
  return {
    spent: debit('commission-expense') + debit('goodwill') + debit('vat-input') + debit('write-off'),
    owedAndPaid: owed - debit('receivable') + paid + credit('fx'),
  };
}
