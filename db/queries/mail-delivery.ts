import type { Tx } from '../transaction.ts';

/** A mail of the outbox that is to be sent now. */
export interface DueMail {
  id: string;
  template: string;
  language: string;
  to: { name: string; address: string };
  data: Record<string, unknown>;
  partnerId: string | null;
  /** Attempts so far, this one included. */
  attempts: number;
  createdAt: string;
}

/** Takes due mails for itself until the lease ends, oldest first; others pass by. */
export async function claimMails(tx: Tx, { limit, leaseMs }: { limit: number; leaseMs: number }): Promise<DueMail[]> {
  const { rows } = await tx.query<Omit<DueMail, 'to'> & { toName: string; toAddress: string }>(
    `with due as (
       select id from mail_outbox
       where program_id = $1 and state = 'queued' and next_attempt_at <= clock_timestamp()
         and (leased_until is null or leased_until <= clock_timestamp())
       order by next_attempt_at, id
       limit $2
       for update skip locked
     ), claimed as (
       update mail_outbox m
       set leased_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1
       from due
       where m.program_id = $1 and m.id = due.id
       returning m.*
     )
     select id, template, language, to_name as "toName", to_address as "toAddress", data, partner_id as "partnerId", attempts,
       created_at as "createdAt"
     from claimed
     order by id`,
    [tx.programId, limit, leaseMs / 1_000],
  );
  return rows.map(({ toName, toAddress, ...mail }) => ({ ...mail, to: { name: toName, address: toAddress } }));
}

/** The server took it. */
export async function markMailSent(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `update mail_outbox set state = 'sent', sent_at = clock_timestamp(), leased_until = null, last_error = null
     where program_id = $1 and id = $2 and state = 'queued'`,
    [tx.programId, id],
  );
}

/** It comes again after `afterMs`. */
export async function deferMail(
  tx: Tx,
  id: string,
  { afterMs, reason }: { afterMs: number; reason: string },
): Promise<void> {
  await tx.query(
    `update mail_outbox
     set next_attempt_at = clock_timestamp() + make_interval(secs => $3), leased_until = null, last_error = $4
     where program_id = $1 and id = $2 and state = 'queued'`,
    [tx.programId, id, afterMs / 1_000, reason],
  );
}

/** Gives back what was claimed and not tried, as if it had not been. */
export async function returnMails(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query(
    `update mail_outbox set leased_until = null, attempts = attempts - 1
     where program_id = $1 and id = any ($2) and state = 'queued'`,
    [tx.programId, ids],
  );
}

/** The server will never take it. @returns false when it was settled before */
export async function markMailUndeliverable(tx: Tx, id: string, reason: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update mail_outbox set state = 'undeliverable', leased_until = null, last_error = $3
     where program_id = $1 and id = $2 and state = 'queued'`,
    [tx.programId, id, reason],
  );
  return rowCount === 1;
}

/** Whom the mail signs in: the person or partner whose address it still is. A stranger is nobody. */
export async function findMailReader(
  tx: Tx,
  mail: Pick<DueMail, 'to' | 'partnerId'>,
): Promise<{ personId: string } | { partnerId: string } | undefined> {
  const { rows } = await tx.query<{ person_id: string | null; partner_id: string | null }>(
    `select null as person_id, id as partner_id from partner where program_id = $1 and id = $2 and lower(email) = lower($3)
     union all
     select id, null from app_user
     where program_id = $1 and $2::text is null and lower(email) = lower($3) and disabled_at is null`,
    [tx.programId, mail.partnerId, mail.to.address],
  );
  const row = rows[0];
  if (!row) return undefined;
  return row.partner_id === null ? { personId: row.person_id! } : { partnerId: row.partner_id };
}

/** The name of the partner that a mail is about, and the zone in which the reader counts days. */
export async function findMailPartner(
  tx: Tx,
  partnerId: string,
): Promise<{ name: string; timeZone: string | null } | undefined> {
  const { rows } = await tx.query<{ name: string; timeZone: string | null }>(
    `select name, (
       select time_zone from partner_profile f
       where f.program_id = p.program_id and f.partner_id = p.id
       order by effective_from desc limit 1
     ) as "timeZone"
     from partner p where program_id = $1 and id = $2`,
    [tx.programId, partnerId],
  );
  return rows[0];
}

/** What the team wrote with one step of a case. */
export async function findFeedbackWords(tx: Tx, feedbackId: string, cause: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ text: string }>(
    `select text from feedback_message
     where program_id = $1 and feedback_id = $2 and cause = $3 and author_kind <> 'partner'`,
    [tx.programId, feedbackId, cause],
  );
  return rows[0]?.text;
}
