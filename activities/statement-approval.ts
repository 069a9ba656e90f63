import { DomainError } from '../domain/errors.ts';
import { durationMs } from '../domain/time/duration.ts';
import type { Actor } from '../domain/actor.ts';
import { lockPartnerBooks } from '../db/locks.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findStatement, moveStatement } from '../db/queries/statement.ts';
import type { StatementRow } from '../db/queries/statement.ts';
import { readTaskPersons } from '../db/queries/task-persons.ts';
import { findVerifiedDetails } from '../db/queries/verified-details.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface StatementDecision {
  programId: string;
  statementId: string;
  taskId: string;
  by: Actor;
  at: string;
}

/** The longest that a hold may ask for; later dates would outlive the run's patience without anybody noticing. */
const LONGEST_HOLD = 'P365D';

/** What the first person's decision on a statement does. Repeated, each finds its work done. */
export function createStatementApprovalActivities({ pool }: ActivityDeps) {
  return {
    /**
     * Approves a statement under the payout details that are verified now, if there are any.
     * @returns the persons behind the approval, none of whom may release the payout
     */
    async approveStatement(decision: StatementDecision): Promise<{ persons: string[] }> {
      return inTransaction(pool, decision.programId, async (tx) => {
        const statement = await lockedStatement(tx, decision.statementId);
        const { persons, decider } = await readTaskPersons(tx, decision.taskId);
        if (decider === null) throw new DomainError('second-person-required', 'A statement is approved by a person.');
        const details = await findVerifiedDetails(tx, statement.partnerId);
        const change = { detailsId: details?.id ?? null, approvedBy: decider, approvedAt: decision.at };
        const to = statement.amountMinor > 0 ? 'approved' : 'carried';
        if (
          statement.approvedBy === null &&
          (await moveStatement(tx, statement.id, ['drawn', 'held', 'carried'], to, change))
        ) {
          await note(tx, statement, 'statement.approved', decision, {});
        }
        return { persons };
      });
    },

    /** Holds a statement until the date that the decision names, or for the programme's usual time. @returns that date */
    async holdStatement(decision: StatementDecision): Promise<{ until: string }> {
      return inTransaction(pool, decision.programId, async (tx) => {
        const statement = await lockedStatement(tx, decision.statementId);
        const { reason, ...hold } = await readHold(tx, decision);
        await moveStatement(tx, statement.id, ['drawn', 'held'], 'held', { note: reason ?? undefined });
        await note(tx, statement, 'statement.held', decision, hold);
        return { until: hold.until };
      });
    },
  };
}

/** Until when a `hold` of a statement or payout lasts, who owns it, and why. */
export async function readHold(
  tx: Tx,
  { taskId, at }: { taskId: string; at: string },
): Promise<{ until: string; owner: string | null; reason: string | null }> {
  const { data, reason, decider } = await readTaskPersons(tx, taskId);
  const { settings } = await readProgramFrame(tx);
  const now = Date.parse(at);
  const asked = typeof data.until === 'string' ? Date.parse(data.until) : now + durationMs(settings.durations.taskHold);
  const until = new Date(Math.min(Math.max(asked, now), now + durationMs(LONGEST_HOLD))).toISOString();
  return { until, owner: typeof data.owner === 'string' ? data.owner : decider, reason };
}

async function lockedStatement(tx: Tx, id: string): Promise<StatementRow> {
  const seen = await findStatement(tx, id);
  if (!seen) throw new DomainError('not-found', `There is no statement ${id}.`);
  await lockPartnerBooks(tx, [seen.partnerId]);
  return (await findStatement(tx, id))!;
}

async function note(
  tx: Tx,
  statement: StatementRow,
  kind: EventKind,
  { by, at }: StatementDecision,
  data: Record<string, unknown>,
): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor: by,
    subject: { type: 'statement', id: statement.id },
    partnerId: statement.partnerId,
    data,
    at,
    workflow: currentWorkflow(),
  });
}
