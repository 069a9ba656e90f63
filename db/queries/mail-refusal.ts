import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/**
 * Per address that takes no mail and that nobody has settled, the first refused mail: it stands for all of that address, so one
 * address makes one task. Mails about such tasks are left out, or an administrator's broken address would make tasks without end.
 */
export async function listUnsettledRefusals(tx: Tx): Promise<{ mailId: string; partnerId: string | null }[]> {
  const { rows } = await tx.query<{ mailId: string; partnerId: string | null }>(
    `select m."mailId", m."partnerId"
     from (
       select distinct on (lower(to_address)) id as "mailId", partner_id as "partnerId"
       from mail_outbox
       where program_id = $1 and state = 'undeliverable' and refusal_settled_at is null
         and data ->> 'kind' is distinct from 'mail.undeliverable'
       order by lower(to_address), id
     ) m
     where not exists (
       select from task t where t.program_id = $1 and t.subject_type = 'mail' and t.subject_id = m."mailId"
     )`,
    [tx.programId],
  );
  return rows;
}

/** What the task about a refused mail shows. */
export async function findRefusedMail(
  tx: Tx,
  mailId: string,
): Promise<
  { name: string; address: string; template: string; answer: string | null; partnerId: string | null } | undefined
> {
  const { rows } = await tx.query<{
    name: string;
    address: string;
    template: string;
    answer: string | null;
    partnerId: string | null;
  }>(
    `select to_name as name, to_address as address, template, last_error as answer, partner_id as "partnerId"
     from mail_outbox where program_id = $1 and id = $2`,
    [tx.programId, mailId],
  );
  return rows[0];
}

/**
 * Settles all refused mails of the address of this one. `resend`: each goes out anew, to the address that its reader has now;
 * a new row, because the old one was never taken. Twice changes nothing.
 * @returns how many were settled now, and how many of them go out again
 */
export async function settleRefusals(
  tx: Tx,
  mailId: string,
  { resend }: { resend: boolean },
): Promise<{ settled: number; resent: number }> {
  const { rows } = await tx.query<{ id: string }>(
    `update mail_outbox m set refusal_settled_at = clock_timestamp()
     from mail_outbox first
     where first.program_id = $1 and first.id = $2 and m.program_id = $1 and m.state = 'undeliverable'
       and m.refusal_settled_at is null and lower(m.to_address) = lower(first.to_address)
     returning m.id`,
    [tx.programId, mailId],
  );
  let resent = 0;
  if (resend) for (const { id } of rows) resent += await queueAgain(tx, id);
  return { settled: rows.length, resent };
}

async function queueAgain(tx: Tx, mailId: string): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into mail_outbox (program_id, id, key, template, language, to_name, to_address, data, partner_id)
     select m.program_id, $3, m.key || '/again', m.template, m.language, m.to_name,
       coalesce(p.email, m.to_address), m.data, m.partner_id
     from mail_outbox m
     left join partner p on p.program_id = m.program_id and p.id = m.partner_id
     where m.program_id = $1 and m.id = $2
     on conflict (program_id, key) do nothing`,
    [tx.programId, mailId, newId('mail')],
  );
  return rowCount ?? 0;
}
