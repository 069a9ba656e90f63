import { accountBalances, listEntries } from '../../db/queries/ledger-account.ts';
import { PARTNER_ACCOUNTS, PROGRAM_ACCOUNTS } from '../../domain/ledger/accounts.ts';
import { partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { account, accountQuery, entryQuery, ledgerEntry } from '../contracts/money.ts';
import { afterCursor, pageOfWhole, toPage } from '../page.ts';
import { MONEY_READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

const ACCOUNTS: readonly string[] = [...PARTNER_ACCOUNTS, ...PROGRAM_ACCOUNTS];

export const LEDGER_ROUTES = [
  route({
    id: 'ledger.accounts',
    method: 'get',
    path: '/v1/ledger/accounts',
    tag: 'Money',
    summary: 'Balances, folded from all postings',
    roles: MONEY_READERS_AND_PARTNER,
    query: accountQuery,
    answer: { status: 200, schema: pageOf(account) },
    handle: (call) =>
      reading(call, async (tx) => {
        const rows = await accountBalances(tx, { partnerId: partnerFilter(call, call.query.partnerId) });
        const items = rows.map(({ debitMinor, creditMinor, balanceMinor, ...row }) => ({
          ...row,
          debit: { minor: debitMinor, currency: row.currency },
          credit: { minor: creditMinor, currency: row.currency },
          balance: { minor: balanceMinor, currency: row.currency },
        }));
        return ok(pageOfWhole(call.query, items, ({ account: name, currency }) => `${name} ${currency}`));
      }),
  }),
  route({
    id: 'ledger.entries',
    method: 'get',
    path: '/v1/ledger/entries',
    tag: 'Money',
    summary: 'Entries with their postings, by account, partner, time or what they are about',
    roles: MONEY_READERS_AND_PARTNER,
    query: entryQuery,
    answer: { status: 200, schema: pageOf(ledgerEntry) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, ...filter } = call.query;
        if (filter.account !== undefined && !ACCOUNTS.includes(filter.account.split(':')[0]!)) {
          throw refusedFields([{ path: 'account', message: `Give one of ${ACCOUNTS.join(', ')}.` }]);
        }
        const partnerId = partnerFilter(call, filter.partnerId);
        const afterId = afterCursor({ limit, cursor });
        const rows = await listEntries(tx, { ...filter, partnerId, afterId, limit: limit + 1 });
        return ok(
          toPage(
            rows,
            limit,
            ({ id }) => id,
            (row) => row,
          ),
        );
      }),
  }),
];
