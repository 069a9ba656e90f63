import { accountName, accountPartner } from '../../domain/ledger/accounts.ts';
import { assertBalanced } from '../../domain/ledger/entry.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';
import type { NewEntry } from './ledger.ts';

/**
 * As `postEntry` for each of these, whose causes differ, in two statements however many there are: once per cause, all postings in one insert,
 * whose trigger checks each entry. The caller has joined the books and holds the locks of their partners.
 * @returns the id of the entry of each cause, in order, whether it was posted now or before
 */
export async function postEntries(tx: Tx, entries: readonly NewEntry[]): Promise<string[]> {
  if (entries.length === 0) return [];
  entries.forEach(assertBalanced);
  const { rows } = await tx.query<{ id: string; cause: string }>(
    `insert into ledger_entry (program_id, id, kind, cause, at, partner_id, subject_type, subject_id)
     select $1, e.id, e.kind, e.cause, e.at, e.partner_id, e.subject_type, e.subject_id
     from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
       as e (id, kind, cause, at, partner_id, subject_type, subject_id)
     order by e.cause
     on conflict (program_id, cause) do nothing
     returning id, cause`,
    [
      tx.programId,
      entries.map(() => newId('ledgerEntry')),
      entries.map(({ kind }) => kind),
      entries.map(({ cause }) => cause),
      entries.map(({ at }) => at),
      entries.map(({ partnerId }) => partnerId ?? null),
      entries.map(({ subject }) => subject?.type ?? null),
      entries.map(({ subject }) => subject?.id ?? null),
    ],
  );
  const ids = new Map(rows.map(({ id, cause }) => [cause, id]));
  await insertPostings(tx, entries, ids);
  for (const { id, cause } of await entriesOfCauses(tx, entries, ids)) ids.set(cause, id);
  return entries.map(({ cause }) => ids.get(cause)!);
}

async function insertPostings(tx: Tx, entries: readonly NewEntry[], ids: Map<string, string>): Promise<void> {
  const lines = entries.flatMap(({ cause, currency, postings }) =>
    ids.has(cause)
      ? postings.map((posting, index) => ({ ...posting, id: ids.get(cause)!, no: index + 1, currency }))
      : [],
  );
  if (lines.length === 0) return;
  await tx.query(
    `insert into ledger_posting (program_id, entry_id, no, account, partner_id, side, amount_minor, currency)
     select $1, l.*
     from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[])
       as l (entry_id, no, account, partner_id, side, minor, currency)
     order by l.entry_id, l.no`,
    [
      tx.programId,
      lines.map(({ id }) => id),
      lines.map(({ no }) => no),
      lines.map(({ account }) => accountName(account)),
      lines.map(({ account }) => accountPartner(account)),
      lines.map(({ side }) => side),
      lines.map(({ minor }) => minor),
      lines.map(({ currency }) => currency),
    ],
  );
}

/** Those that were posted before, by another attempt. */
async function entriesOfCauses(
  tx: Tx,
  entries: readonly NewEntry[],
  known: Map<string, string>,
): Promise<{ id: string; cause: string }[]> {
  const causes = entries.map(({ cause }) => cause).filter((cause) => !known.has(cause));
  if (causes.length === 0) return [];
  const { rows } = await tx.query<{ id: string; cause: string }>(
    'select id, cause from ledger_entry where program_id = $1 and cause = any ($2)',
    [tx.programId, causes],
  );
  return rows;
}
