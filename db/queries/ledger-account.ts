import type { Account } from '../../domain/ledger/accounts.ts';
import type { Tx } from '../transaction.ts';

export interface AccountBalance {
  account: Account;
  partnerId: string | null;
  currency: string;
  debitMinor: number;
  creditMinor: number;
  /** Credits minus debits: what is owed to the partner, or stands in an account of the program. */
  balanceMinor: number;
}

/** Balances folded from all postings, of one partner or of everything. */
export async function accountBalances(tx: Tx, filter: { partnerId?: string } = {}): Promise<AccountBalance[]> {
  const { rows } = await tx.query<Omit<AccountBalance, 'account'> & { name: string }>(
    `select account as name, partner_id as "partnerId", currency,
       coalesce(sum(amount_minor) filter (where side = 'debit'), 0)::bigint as "debitMinor",
       coalesce(sum(amount_minor) filter (where side = 'credit'), 0)::bigint as "creditMinor",
       sum(case side when 'credit' then amount_minor else -amount_minor end)::bigint as "balanceMinor"
     from ledger_posting
     where program_id = $1 and ($2::text is null or partner_id = $2)
     group by account, partner_id, currency
     order by account, partner_id, currency`,
    [tx.programId, filter.partnerId ?? null],
  );
  return rows.map(({ name, ...row }) => ({
    account: (row.partnerId === null ? name : `${name}:${row.partnerId}`) as Account,
    ...row,
  }));
}

export interface LedgerEntryRow {
  id: string;
  kind: string;
  cause: string;
  at: string;
  partnerId: string | null;
  postings: { account: string; side: 'debit' | 'credit'; amount: { minor: number; currency: string } }[];
}

export interface EntryFilter {
  partnerId?: string;
  /** `pending`, or `pending:prt_…`. */
  account?: string;
  /** Id of what the entry is about: a window, statement, payout, commission batch. */
  subject?: string;
  from?: string;
  to?: string;
  afterId?: string;
  limit: number;
}

/** Entries with their postings, in order of their ids. */
export async function listEntries(tx: Tx, filter: EntryFilter): Promise<LedgerEntryRow[]> {
  const [account, ofPartner] = (filter.account ?? '').split(':');
  const { rows } = await tx.query<LedgerEntryRow>(
    `select e.id, e.kind, e.cause, e.at, e.partner_id as "partnerId",
       json_agg(json_build_object(
         'account', p.account || coalesce(':' || p.partner_id, ''), 'side', p.side,
         'amount', json_build_object('minor', p.amount_minor, 'currency', p.currency)
       ) order by p.no) as postings
     from ledger_entry e
     join ledger_posting p on p.program_id = e.program_id and p.entry_id = e.id
     where e.program_id = $1
       and ($2::text is null or e.partner_id = $2)
       and ($3::text is null or e.subject_id = $3
         or exists (select from commission c where c.program_id = $1 and c.entry_id = e.id and $3 in (c.id, c.conversion_id, c.window_id)))
       and ($4 = '' or exists (
         select from ledger_posting a
         where a.program_id = $1 and a.entry_id = e.id and a.account = $4 and ($5::text is null or a.partner_id = $5)
       ))
       and ($6::timestamptz is null or e.at >= $6) and ($7::timestamptz is null or e.at < $7)
       and ($8::text is null or e.id > $8)
     group by e.program_id, e.id
     order by e.id
     limit $9`,
    [
      tx.programId,
      filter.partnerId ?? null,
      filter.subject ?? null,
      account ?? '',
      ofPartner ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.afterId ?? null,
      filter.limit,
    ],
  );
  return rows;
}

/** Whether an entry of that cause was posted. */
export async function hasEntry(tx: Tx, cause: string): Promise<boolean> {
  const { rows } = await tx.query('select 1 from ledger_entry where program_id = $1 and cause = $2', [
    tx.programId,
    cause,
  ]);
  return rows.length === 1;
}
