import { correctsOrder } from '../../domain/feedback/correction.ts';
import type { OrderCorrection } from '../../domain/feedback/correction.ts';
import type { TaskAuthority } from '../../domain/task/authority.ts';
import { partnersNamed } from '../../domain/attribution/policy-words.ts';
import type { Role } from '../../domain/task/kinds.ts';
import type { Tx } from '../transaction.ts';
import { partnersOfOrder } from './case-order.ts';
import { findCase } from './feedback.ts';
import { findPolicy } from './policy-version.ts';
import type { TaskRow } from './task.ts';

/**
 * What the rules of authority must know of a stored task.
 * @param correction what comes with the decision on a case; a correction concerns everybody who has touched the order
 */
export async function readTaskAuthority(tx: Tx, task: TaskRow, correction?: OrderCorrection): Promise<TaskAuthority> {
  return {
    kind: task.kind,
    role: task.role as Role,
    partnerId: task.partnerId,
    concerns: await partnersConcerned(tx, task, correction),
    requestedBy: task.requestedBy === null ? [] : [task.requestedBy],
    decidedBefore: task.excludedPersons,
  };
}

async function partnersConcerned(tx: Tx, { subject }: TaskRow, correction?: OrderCorrection): Promise<string[]> {
  if (subject.type === 'policy') return partnersOfPolicy(tx, subject.id);
  if (subject.type !== 'feedback' || !correctsOrder(correction)) return [];
  const conversionId = correction.conversionId ?? (await findCase(tx, subject.id))?.conversionId;
  return conversionId ? partnersOfOrder(tx, conversionId) : [];
}

/** Whom a policy's rules name, and whose cases it answers: its submission's, and those that were pointed at it since. */
async function partnersOfPolicy(tx: Tx, policyId: string): Promise<string[]> {
  const policy = await findPolicy(tx, policyId);
  if (!policy) return [];
  const { exclusions, multipliers } = policy.body;
  const { rows } = await tx.query<{ partnerId: string }>(
    `select partner_id as "partnerId" from feedback where program_id = $1 and (policy_id = $2 or id = $3)`,
    [tx.programId, policyId, policy.submission?.feedbackId ?? null],
  );
  return [...partnersNamed(exclusions, multipliers), ...rows.map(({ partnerId }) => partnerId)];
}
