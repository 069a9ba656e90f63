import { accountName, accountPartner } from '../../domain/ledger/accounts.ts';
import type { PartnerAccountName } from '../../domain/ledger/accounts.ts';
import { assertBalanced } from '../../domain/ledger/entry.ts';
import type { Entry } from '../../domain/ledger/entry.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** An entry of the books with its natural key: the same cause again posts nothing. */
export interface NewEntry extends Entry {
  cause: string;
  at: string;
  partnerId?: string | null;
  subject?: { type: string; id: string };
}

/**
 * Posts an entry with all its postings in one insert, once per cause. The caller has joined the books and holds the partner's lock.
 * @returns the id of the entry of that cause, whether it was posted now or before
 */
export async function postEntry(tx: Tx, entry: NewEntry): Promise<string> {
  assertBalanced(entry);
  const { rows } = await tx.query<{ id: string }>(
    `insert into ledger_entry (program_id, id, kind, cause, at, partner_id, subject_type, subject_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (program_id, cause) do nothing
     returning id`,
    [
      tx.programId,
      newId('ledgerEntry'),
      entry.kind,
      entry.cause,
      entry.at,
      entry.partnerId ?? null,
      entry.subject?.type ?? null,
      entry.subject?.id ?? null,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) return findEntryOfCause(tx, entry.cause);
  await tx.query(
    `insert into ledger_posting (program_id, entry_id, no, account, partner_id, side, amount_minor, currency)
     select $1, $2, no, account, partner_id, side, minor, $3
     from unnest($4::int[], $5::text[], $6::text[], $7::text[], $8::bigint[]) as line (no, account, partner_id, side, minor)`,
    [
      tx.programId,
      id,
      entry.currency,
      entry.postings.map((_, index) => index + 1),
      entry.postings.map((posting) => accountName(posting.account)),
      entry.postings.map((posting) => accountPartner(posting.account)),
      entry.postings.map((posting) => posting.side),
      entry.postings.map((posting) => posting.minor),
    ],
  );
  return id;
}

async function findEntryOfCause(tx: Tx, cause: string): Promise<string> {
  const { rows } = await tx.query<{ id: string }>('select id from ledger_entry where program_id = $1 and cause = $2', [
    tx.programId,
    cause,
  ]);
  return rows[0]!.id;
}

export type PartnerBalances = Record<PartnerAccountName, number>;

/**
 * What a partner's accounts hold in one currency, smallest units: `pending`, `locked` and `payable` as what is owed to the partner,
 * `receivable` as what the partner owes.
 */
export async function partnerBalances(tx: Tx, partnerId: string, currency: string): Promise<PartnerBalances> {
  const { rows } = await tx.query<{ account: PartnerAccountName; credit: number }>(
    `select account, sum(case side when 'credit' then amount_minor else -amount_minor end)::bigint as credit
     from ledger_posting
     where program_id = $1 and partner_id = $2 and currency = $3
     group by account`,
    [tx.programId, partnerId, currency],
  );
  const credit = (name: PartnerAccountName) => rows.find(({ account }) => account === name)?.credit ?? 0;
  return {
    pending: credit('pending'),
    locked: credit('locked'),
    payable: credit('payable'),
    receivable: 0 - credit('receivable'),
  };
}
