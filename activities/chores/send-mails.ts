import type { Client } from '@temporalio/client';
import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import {
  claimMails,
  deferMail,
  markMailSent,
  markMailUndeliverable,
  returnMails,
} from '../../db/queries/mail-delivery.ts';
import type { DueMail } from '../../db/queries/mail-delivery.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import type { TaskQueues } from '../deps.ts';
import { composeMail } from '../mail/compose.ts';
import { startRefusalTasks } from '../mail/refusal.ts';
import type { MailSender, OutgoingMail, SendResult } from '../mail/sender.ts';
import { eachProgram } from './each-program.ts';

const AT_ONCE = 20;
/** Longer than a mail may take, so that one in progress is nobody else's. */
const LEASE_MS = 120_000;
/** A server that refuses for now (grey-listing, full box): minutes, growing; after days it counts as refused for good. */
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 1_800_000;
const GIVE_UP_AFTER_MS = 5 * 86_400_000;
/** A mail that cannot be written is our fault: it waits for the release that mends it. */
const UNWRITABLE_PAUSE_MS = 300_000;

export interface MailDeps {
  pool: Pool;
  client: Client;
  log: Logger;
  publicUrl: string;
  taskQueues: TaskQueues;
  sender: MailSender;
}

/** Thrown by a round to end it: no mail of any program gets through now. */
class MailServerAway extends Error {}

/**
 * Sends what is due: claim by lease, commit, send, mark. A worker that dies between sending and marking sends again, under the same
 * Message-ID. While the server is away nothing is claimed: the round fails, its loop waits and asks again.
 * @returns a round; it says how many mails were tried
 */
export function createMailRound(deps: MailDeps): (signal?: AbortSignal) => Promise<number> {
  let isAway = false;
  return async (signal) => {
    if (isAway && !(await deps.sender.isReachable())) throw new MailServerAway('The mail server is still away.');
    isAway = false;
    try {
      return await eachProgram(deps.pool, (programId) => sendDue(deps, programId), signal);
    } catch (error) {
      isAway = error instanceof MailServerAway;
      throw error;
    }
  };
}

async function sendDue(deps: MailDeps, programId: string): Promise<number> {
  const { pool } = deps;
  const due = await inTransaction(pool, programId, (tx) => claimMails(tx, { limit: AT_ONCE, leaseMs: LEASE_MS }));
  if (due.length > 0) await sendAll(deps, programId, await writeMails(deps, programId, due));
  await startRefusalTasks(deps, programId);
  return due.length;
}

async function sendAll(deps: MailDeps, programId: string, written: readonly WrittenMail[]): Promise<void> {
  for (const [index, one] of written.entries()) {
    const result = await sendOne(deps, programId, one);
    if (result.kind !== 'away') continue;
    const untried = written.slice(index).map(({ mail }) => mail.id);
    await inTransaction(deps.pool, programId, (tx) => returnMails(tx, untried));
    throw new MailServerAway(`The mail server is away: ${result.reason}.`);
  }
}

/** A claimed mail as it leaves, or why it cannot be written. */
interface WrittenMail {
  mail: DueMail;
  outgoing: OutgoingMail | DomainError;
}

/** All in one transaction; when one breaks that, each in its own, so that the others are sent. */
async function writeMails(
  { pool, publicUrl, log }: MailDeps,
  programId: string,
  due: DueMail[],
): Promise<WrittenMail[]> {
  const write = (tx: Tx, mail: DueMail) =>
    composeMail(tx, mail, publicUrl).then(
      (outgoing): WrittenMail => ({ mail, outgoing }),
      (error: unknown): WrittenMail => {
        if (error instanceof DomainError) return { mail, outgoing: error };
        throw error;
      },
    );
  try {
    return await inTransaction(pool, programId, async (tx) => {
      const written: WrittenMail[] = [];
      for (const mail of due) written.push(await write(tx, mail));
      return written;
    });
  } catch (error) {
    if (due.length === 1) throw error;
    log.warn({ err: error }, 'mails could not be written together');
  }
  const written: WrittenMail[] = [];
  for (const mail of due) {
    try {
      written.push(await inTransaction(pool, programId, (tx) => write(tx, mail)));
    } catch (error) {
      // Its lease ends, and it comes again.
      log.error({ err: error, mailId: mail.id }, 'a mail could not be written');
    }
  }
  return written;
}

async function sendOne(deps: MailDeps, programId: string, { mail, outgoing }: WrittenMail): Promise<SendResult> {
  const { pool, sender, log } = deps;
  if (outgoing instanceof DomainError) {
    log.error({ err: outgoing, mailId: mail.id }, 'a mail cannot be written');
    const { message: reason } = outgoing;
    await inTransaction(pool, programId, (tx) => deferMail(tx, mail.id, { afterMs: UNWRITABLE_PAUSE_MS, reason }));
    return { kind: 'later', reason };
  }
  const result = await sender.send(outgoing);
  await inTransaction(pool, programId, (tx) => {
    if (result.kind === 'sent') return markMailSent(tx, mail.id);
    const age = Date.now() - Date.parse(mail.createdAt);
    if (result.kind === 'later' && age < GIVE_UP_AFTER_MS) {
      const afterMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (mail.attempts - 1));
      return deferMail(tx, mail.id, { afterMs, reason: result.reason });
    }
    return result.kind === 'away' ? Promise.resolve() : noteRefusal(tx, mail, result.reason);
  });
  return result;
}

async function noteRefusal(tx: Tx, mail: DueMail, reason: string): Promise<void> {
  if (!(await markMailUndeliverable(tx, mail.id, reason))) return;
  await recordEvent(tx, {
    kind: 'mail.undeliverable',
    actor: { kind: 'system' },
    subject: { type: 'mail', id: mail.id },
    partnerId: mail.partnerId,
    data: { template: mail.template, reason },
    at: new Date().toISOString(),
  });
}
