import * as books from '../db/audit/books.ts';
import type { Check } from './check.ts';

export const LEDGER_CHECKS: readonly Check[] = [
  { name: 'debits equal credits in every entry', find: ({ tx }) => books.findUnbalancedEntry(tx) },
  { name: 'what was spent is owed or paid, per currency', find: ({ tx }) => books.findBrokenIdentity(tx) },
  { name: 'every posting is the sum of its commissions', find: ({ tx }) => books.findEntryUnlikeItsRows(tx) },
  { name: 'every commission stands in the ledger', find: ({ tx }) => books.findUnpostedCommission(tx) },
  { name: 'pending is what stands in windows that are not locked', find: ({ tx }) => books.findWrongPending(tx) },
  { name: 'nothing was added to a locked window', find: ({ tx }) => books.findRowAfterLock(tx) },
  {
    name: 'a statement is the sum of its lines and of its ledger movement',
    find: ({ tx }) => books.findWrongStatement(tx),
  },
];
