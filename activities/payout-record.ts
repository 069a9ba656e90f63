import { SYSTEM } from '../domain/actor.ts';
import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import { joinBooks, lockPartnerBooks } from '../db/locks.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { postEntry } from '../db/queries/ledger.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { findPayout, lockPayout } from '../db/queries/payout.ts';
import type { PayoutRow } from '../db/queries/payout.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { Pool } from '../db/pool.ts';
import { currentWorkflow } from './workflow-context.ts';

/** Which payout, and the workflow's time. */
export interface PayoutMoment {
  programId: string;
  payoutId: string;
  at: string;
}

/**
 * Runs one step of a payout under its locks, in their order: books, the partner's book, the payout's row.
 * @throws DomainError `not-found`
 */
export async function withPayout<Result>(
  pool: Pool,
  { programId, payoutId }: PayoutMoment,
  step: (tx: Tx, payout: PayoutRow) => Promise<Result>,
): Promise<Result> {
  return inTransaction(pool, programId, async (tx) => {
    const seen = await findPayout(tx, payoutId);
    if (!seen) throw new DomainError('not-found', `There is no payout ${payoutId}.`);
    await joinBooks(tx);
    await lockPartnerBooks(tx, [seen.partnerId]);
    return step(tx, (await lockPayout(tx, payoutId))!);
  });
}

/** Posts an entry of a payout, once per kind: `released:<payout>`, `paid:<payout>`, … */
export async function postPayout(
  tx: Tx,
  payout: PayoutRow,
  entry: Entry,
  at: string,
  cause: string = entry.kind,
): Promise<void> {
  await postEntry(tx, {
    ...entry,
    cause: `${cause}:${payout.id}`,
    at,
    partnerId: payout.partnerId,
    subject: { type: 'payout', id: payout.id },
  });
}

/** Adds a line about a payout to the record. */
export async function notePayout(
  tx: Tx,
  payout: PayoutRow,
  kind: EventKind,
  { actor = SYSTEM, at, ...data }: { actor?: Actor; at: string } & Record<string, unknown>,
): Promise<void> {
  const { id, amountMinor, currency, partnerId, statementId } = payout;
  await recordEvent(tx, {
    kind,
    actor,
    subject: { type: 'payout', id },
    partnerId,
    data: { amountMinor, currency, statementId, ...data },
    at,
    workflow: currentWorkflow(),
  });
}

/** Tells the partner, in their language, what became of their money; once per payout and template. */
export async function mailPayout(
  tx: Tx,
  payout: PayoutRow,
  template: 'payout-paid' | 'payout-failed' | 'payout-returned',
  { at, minor }: { at: string; minor: number },
): Promise<void> {
  const to = await partnerAddressee(tx, payout.partnerId, at);
  if (!to) return;
  await queueMail(tx, {
    key: `payout/${payout.id}/${template}/${to.id}`,
    template,
    language: to.language,
    to: { name: to.name, address: to.address },
    data: { payoutId: payout.id, amountMinor: minor, currency: payout.currency },
    partnerId: payout.partnerId,
  });
}
