import type { TaskAuthority } from '../../domain/task/authority.ts';
import { partnersNamed } from '../../domain/attribution/policy-words.ts';
import type { Role } from '../../domain/task/kinds.ts';
import type { Tx } from '../transaction.ts';
import { findPolicy } from './policy-version.ts';
import type { TaskRow } from './task.ts';

/** What the rules of authority must know of a stored task. */
export async function readTaskAuthority(tx: Tx, task: TaskRow): Promise<TaskAuthority> {
  return {
    kind: task.kind,
    role: task.role as Role,
    partnerId: task.partnerId,
    concerns: task.subject.type === 'policy' ? await partnersOfPolicy(tx, task.subject.id) : [],
    requestedBy: task.requestedBy === null ? [] : [task.requestedBy],
    decidedBefore: task.excludedPersons,
  };
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
