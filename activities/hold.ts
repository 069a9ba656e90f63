import { DomainError } from '../domain/errors.ts';
import { holdConfirmed, reduced } from '../domain/ledger/posting.ts';
import { partnerTouchpoints } from '../db/attribution/partner-touchpoints.ts';
import { voidTouchpoint } from '../db/intake/correction.ts';
import { joinBooks, joinIntake, lockPartnerBooks } from '../db/locks.ts';
import { insertManualCommission } from '../db/queries/adjustment.ts';
import { recordEvent } from '../db/queries/event.ts';
import { insertForfeit } from '../db/queries/forfeit.ts';
import { endHoldRow, findHold, listHeldConversions, listHeldManual } from '../db/queries/hold.ts';
import type { HoldRow } from '../db/queries/hold.ts';
import { postEntry } from '../db/queries/ledger.ts';
import { hasEntry } from '../db/queries/ledger-account.ts';
import { listUnreviewedHolds } from '../db/queries/screen.ts';
import { readClock } from '../db/queries/program-clock.ts';
import { queueCommissionWork } from '../db/queries/work-queue.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ApprovalDecision } from './approval.ts';
import type { ActivityDeps } from './deps.ts';
import { nudgeFeed } from './nudge.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What becomes of held money. Holds never lapse: a person lifts or confirms each. */
export function createHoldActivities(deps: ActivityDeps) {
  const { pool, client, taskQueues } = deps;
  return {
    /**
     * Takes back what a confirmed hold covers: the partner's touchpoints of those orders are voided as approved facts, so the feed
     * credits them anew and the poster reduces the commission where it stands, with the goodwill that was given for them; rows that no
     * order earned get their counterpart. Repeated, voids, forfeits and counterparts are found by their keys. The hold stands until that
     * is done.
     * @returns an instant of intake that is not before the voids
     */
    async confirmHold({ programId, subjectId, by }: ApprovalDecision): Promise<{ through: string }> {
      const hold = await inTransaction(pool, programId, (tx) => existing(tx, subjectId));
      const stamp = () => inTransaction(pool, programId, joinIntake);
      if (hold.endedAt !== null) return { through: await stamp() };
      const conversions = await inTransaction(pool, programId, (tx) => listHeldConversions(tx, hold));
      for (const conversionId of conversions) {
        await inTransaction(pool, programId, async (tx) => {
          const { partnerId } = hold;
          for (const touchpointId of await partnerTouchpoints(tx, { partnerId, conversionId })) {
            await voidTouchpoint(tx, {
              touchpointId,
              reason: `Hold ${hold.id} was confirmed.`,
              approvedBy: by.id ?? by.kind,
            });
          }
          await forfeit(tx, hold, conversionId);
        });
      }
      await inTransaction(pool, programId, async (tx) => takeBackManual(tx, hold));
      if (conversions.length > 0) await nudgeFeed(deps, programId);
      return { through: await stamp() };
    },

    /** Ends the hold as it was decided. @returns whose money it held */
    async endHold({ programId, subjectId, outcome, taskId, by, at }: ApprovalDecision): Promise<{ partnerId: string }> {
      return inTransaction(pool, programId, async (tx) => {
        const hold = await existing(tx, subjectId);
        await lockPartnerBooks(tx, [hold.partnerId]);
        const ending = outcome === 'confirm' ? 'confirmed' : 'lifted';
        if (await endHoldRow(tx, hold.id, { ending, by: by.id ?? by.kind, at, taskId })) {
          await recordEvent(tx, {
            kind: `hold.${ending}`,
            actor: by,
            subject: { type: 'hold', id: hold.id },
            partnerId: hold.partnerId,
            data: { commissionId: hold.commissionId, conversionId: hold.conversionId },
            at,
            workflow: currentWorkflow(),
          });
        }
        return { partnerId: hold.partnerId };
      });
    },

    /** Asks a person about every hold that a screen placed and nobody was asked about yet. */
    async reviewHolds({ programId }: { programId: string }): Promise<number> {
      const holds = await inTransaction(pool, programId, (tx) => listUnreviewedHolds(tx));
      for (const { id } of holds) {
        await client.workflow.start('approval', {
          workflowId: `approval/hold/${id}`,
          taskQueue: taskQueues.journeys,
          args: [{ programId, subjectType: 'hold', subjectId: id, isRequested: true }],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Review of a hold',
        });
      }
      return holds.length;
    },
  };
}

async function existing(tx: Tx, id: string): Promise<HoldRow> {
  const hold = await findHold(tx, id);
  if (!hold) throw new DomainError('not-found', `There is no hold ${id}.`);
  return hold;
}

/** From now on no goodwill is given for the order, and what was given is taken back. */
async function forfeit(tx: Tx, { id, partnerId }: HoldRow, conversionId: string): Promise<void> {
  const receivedAt = await joinIntake(tx);
  await insertForfeit(tx, { partnerId, conversionId, holdId: id, receivedAt });
  await queueCommissionWork(tx, [{ partnerId, conversionId, receivedAt }]);
}

/** A counterpart for each manual row, in its own window and from the account where it stands. */
async function takeBackManual(tx: Tx, hold: HoldRow): Promise<void> {
  const receivedAt = await joinIntake(tx);
  await joinBooks(tx);
  await lockPartnerBooks(tx, [hold.partnerId]);
  const { epoch } = await readClock(tx);
  for (const row of await listHeldManual(tx, hold)) {
    if (row.minor <= 0) continue;
    const of = { partnerId: hold.partnerId, currency: row.currency, minor: row.minor };
    const entry = row.isLocked ? holdConfirmed(of) : reduced(of, 'pending');
    const cause = `hold-confirmed:${row.id}`;
    if (await hasEntry(tx, cause)) continue;
    const entryId = await postEntry(tx, {
      ...entry,
      cause,
      at: receivedAt,
      partnerId: hold.partnerId,
      subject: { type: 'hold', id: hold.id },
    });
    const account = row.isLocked ? ('locked' as const) : ('pending' as const);
    const back = { ...of, minor: -row.minor, windowId: row.windowId, account, payableFrom: receivedAt, entryId, epoch };
    await insertManualCommission(tx, { ...back, adjustmentId: null, reason: `Hold ${hold.id} was confirmed.` });
  }
}
