import { releaseFaults } from '../domain/payout/release.ts';
import type { ReleaseFault } from '../domain/payout/release.ts';
import { released } from '../domain/ledger/posting.ts';
import { extraApprovers } from '../domain/program/settings.ts';
import type { Actor } from '../domain/actor.ts';
import { partnerBalances } from '../db/queries/ledger.ts';
import { movePayout } from '../db/queries/payout.ts';
import type { PayoutRow } from '../db/queries/payout.ts';
import { countStandingHolds, readPayoutGate } from '../db/queries/payout-gate.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findStatement, voidStatementApproval } from '../db/queries/statement.ts';
import { readTaskPersons } from '../db/queries/task-persons.ts';
import { findVerifiedDetails } from '../db/queries/verified-details.ts';
import type { VerifiedDetails } from '../db/queries/verified-details.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { notePayout, postPayout, withPayout } from './payout-record.ts';
import type { PayoutMoment } from './payout-record.ts';
import { readHold } from './statement-approval.ts';

/** Faults that pass by themselves or by another decision; the release stands and is checked again. */
const PASSING: readonly ReleaseFault[] = ['details-missing', 'details-on-hold', 'hold-stands', 'partner-paused'];

export interface Release extends PayoutMoment {
  /** The `payout.release` tasks that said `release`, in their order. */
  taskIds: string[];
}

export type ReleaseResult =
  /** Released, now or by an earlier attempt. */
  | { kind: 'released' }
  | { kind: 'waiting'; faults: ReleaseFault[]; until: string | null }
  /** The approvals fell; the settlement draws the payout anew. */
  | { kind: 'void'; faults: ReleaseFault[] };

/** The second person's step. */
export function createPayoutReleaseActivities({ pool }: ActivityDeps) {
  return {
    /** The persons behind a decision, all of whom count for four eyes. */
    async personsBehind(decision: {
      programId: string;
      payoutId: string;
      taskId: string;
      at: string;
    }): Promise<string[]> {
      return withPayout(pool, decision, async (tx) => (await readTaskPersons(tx, decision.taskId)).persons);
    },

    /**
     * Checks everything again under the partner's lock and posts the money into clearing.
     * Dies the process before the commit, nothing happened; after it, the repeated attempt finds the payout released.
     */
    async releasePayout(release: Release): Promise<ReleaseResult> {
      return withPayout(pool, release, async (tx, payout) => {
        if (payout.state === 'cancelled') return { kind: 'void', faults: [] };
        if (payout.state !== 'approved') return { kind: 'released' };
        const details = await findVerifiedDetails(tx, payout.partnerId);
        const { faults, releasedBy } = await check(tx, payout, details, release);
        if (faults.length === 0) {
          await postPayout(tx, payout, released(movement(payout)), release.at);
          await movePayout(tx, payout.id, 'approved', 'released', { releasedBy: releasedBy!, releasedAt: release.at });
          await notePayout(tx, payout, 'payout.released', {
            actor: { kind: 'person', id: releasedBy! },
            at: release.at,
          });
          return { kind: 'released' };
        }
        if (faults.every((fault) => PASSING.includes(fault))) {
          return { kind: 'waiting', faults, until: details?.holdUntil ?? null };
        }
        await cancelPayout(tx, payout, faults.join(', '), release.at);
        return { kind: 'void', faults };
      });
    },

    /** Holds a payout until the date that the decision names. @returns that date */
    async holdPayout(decision: PayoutMoment & { taskId: string; by: Actor }): Promise<{ until: string }> {
      return withPayout(pool, decision, async (tx, payout) => {
        const { reason: _typed, ...hold } = await readHold(tx, decision);
        await notePayout(tx, payout, 'payout.held', { actor: decision.by, at: decision.at, ...hold });
        return { until: hold.until };
      });
    },
  };
}

async function check(
  tx: Tx,
  payout: PayoutRow,
  details: VerifiedDetails | undefined,
  { taskIds, at }: Release,
): Promise<{ faults: ReleaseFault[]; releasedBy: string | null }> {
  const decisions = [];
  for (const taskId of taskIds) decisions.push(await readTaskPersons(tx, taskId));
  const releasedBy = decisions.flatMap(({ decider }) => (decider === null ? [] : [decider]));
  const { settings } = await readProgramFrame(tx);
  const { payable } = await partnerBalances(tx, payout.partnerId, payout.currency);
  const statement = await findStatement(tx, payout.statementId);
  const faults = releaseFaults({
    amountMinor: payout.amountMinor,
    payableMinor: payable,
    // An approval that was voided since no longer counts.
    approvedBy: statement?.approvedBy ? [statement.approvedBy] : [],
    releasedBy,
    extraApprovers: extraApprovers(settings.thresholds, payout.amountMinor),
    approvedDetailsHash: payout.detailsHash,
    currentDetailsHash: details?.hash ?? null,
    detailsHoldUntilMs: details?.holdUntil ? Date.parse(details.holdUntil) : null,
    nowMs: Date.parse(at),
    standingHolds: await countStandingHolds(tx, payout.partnerId, payout.statementId),
    isPartnerPaused: (await readPayoutGate(tx, payout.partnerId)).partnerStatus === 'paused',
  });
  return { faults, releasedBy: releasedBy.at(-1) ?? null };
}

/** Takes a payout back before anything was sent; the statement is approved and drawn anew. */
export async function cancelPayout(tx: Tx, payout: PayoutRow, reason: string, at: string): Promise<void> {
  if (!(await movePayout(tx, payout.id, 'approved', 'cancelled', { failure: reason, settledAt: at }))) return;
  await voidStatementApproval(tx, payout.statementId);
  await notePayout(tx, payout, 'payout.cancelled', { at, reason });
}

export function movement({ partnerId, currency, amountMinor }: PayoutRow) {
  return { partnerId, currency, minor: amountMinor };
}
