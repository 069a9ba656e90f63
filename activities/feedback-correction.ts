import { DomainError } from '../domain/errors.ts';
import { correctsOrder } from '../domain/feedback/correction.ts';
import type { OrderCorrection } from '../domain/feedback/correction.ts';
import { addTouchpointIn, voidTouchpoint } from '../db/intake/correction.ts';
import { joinIntake } from '../db/locks.ts';
import { hasTouchedOrder, isTouchOfOrder } from '../db/queries/case-order.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { findCase, identityOfConversion } from '../db/queries/feedback.ts';
import type { FeedbackCaseRow } from '../db/queries/feedback.ts';
import { isDrainedThrough } from '../db/queries/work-left.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { nudgeFeed } from './nudge.ts';

interface Correction {
  reason?: string;
  data?: OrderCorrection;
}

export interface CorrectionRequest {
  programId: string;
  feedbackId: string;
  commandId: string;
  /** The person whose decision approves the fact. */
  approvedBy: string;
}

/** Correcting one order: a touchpoint is voided or added as an approved fact, never a credit by hand. */
export function createFeedbackCorrectionActivities(deps: ActivityDeps) {
  const { pool } = deps;
  return {
    /**
     * Carries out the correction that came with a decision; twice changes nothing (a void has its key, an addition the same id).
     * @returns whether there was one that could be carried out, and an instant of intake that is not before it
     */
    async correctOrder(request: CorrectionRequest): Promise<{ isCorrected: boolean; through: string }> {
      const isCorrected = await inTransaction(pool, request.programId, async (tx) => {
        const typed = (await readCommandInput<Correction>(tx, request.commandId))?.data ?? {};
        const feedback = await findCase(tx, request.feedbackId);
        return feedback !== undefined && (await carryOut(tx, feedback, typed, request.approvedBy));
      }).catch((error: unknown) => {
        // What the person named is not there: the case goes back to them, it does not fail.
        if (error instanceof DomainError) return false;
        throw error;
      });
      if (isCorrected) await nudgeFeed(deps, request.programId);
      return { isCorrected, through: await inTransaction(pool, request.programId, joinIntake) };
    },

    /** Whether everything that was received up to an instant, on the database's clock, is credited and posted. */
    async isCaughtUp(about: { programId: string; through: string }): Promise<boolean> {
      return inTransaction(pool, about.programId, (tx) => isDrainedThrough(tx, about.through));
    },
  };
}

async function carryOut(
  tx: Tx,
  feedback: FeedbackCaseRow,
  { data, reason }: Correction,
  approvedBy: string,
): Promise<boolean> {
  if (!correctsOrder(data)) return false;
  const { voidTouchpointId, addTouchpoint, ...typed } = data;
  const conversionId = typed.conversionId ?? feedback.conversionId;
  if (conversionId === null || !(await mayCorrect(tx, feedback, conversionId, voidTouchpointId))) return false;
  const identity = await identityOfConversion(tx, conversionId);
  if (addTouchpoint && !identity) return false;
  if (voidTouchpointId) {
    const why = typed.message ?? reason ?? `Case ${feedback.id}`;
    await voidTouchpoint(tx, { touchpointId: voidTouchpointId, reason: why, approvedBy });
  }
  if (addTouchpoint) {
    const { channel, kind, occurredAt } = addTouchpoint;
    await addTouchpointIn(
      tx,
      { identity, channel, kind, occurredAt, partnerId: feedback.partnerId, properties: { feedbackId: feedback.id } },
      approvedBy,
    );
  }
  return true;
}

/**
 * One person decides a case, who may have no business with other partners: it moves the order that it is about, or one that its partner has
 * touched, and voids what stands in the journey of that order alone.
 */
async function mayCorrect(
  tx: Tx,
  feedback: FeedbackCaseRow,
  conversionId: string,
  voidTouchpointId: string | undefined,
): Promise<boolean> {
  const isOpen = feedback.conversionId === null && voidTouchpointId === undefined;
  const isOurs = isOpen || conversionId === feedback.conversionId;
  if (!isOurs && !(await hasTouchedOrder(tx, conversionId, feedback.partnerId))) return false;
  return voidTouchpointId === undefined || (await isTouchOfOrder(tx, conversionId, voidTouchpointId));
}
