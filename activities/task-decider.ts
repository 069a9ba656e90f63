import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import type { OrderCorrection } from '../domain/feedback/correction.ts';
import { mayDecide } from '../domain/task/authority.ts';
import type { Authority, TaskAuthority } from '../domain/task/authority.ts';
import { personMayDecide } from '../domain/task/deputy.ts';
import { readDecider } from '../db/queries/decider.ts';
import type { TaskRow } from '../db/queries/task.ts';
import { readTaskAuthority } from '../db/queries/task-authority.ts';
import type { Tx } from '../db/transaction.ts';

/**
 * Whom the decision counts for, checked under the task's row lock.
 * A person with delegations decides in their own role where that suffices, but four eyes counts those they stand in for as well.
 * @param data what comes with the decision
 * @returns the person that a delegate stands in for, or null
 * @throws DomainError `forbidden`, `own-request`, `linked-person` or `second-person-required`
 */
export async function assertMayDecide(
  tx: Tx,
  actor: Actor,
  task: TaskRow,
  { at, data }: { at: string; data?: OrderCorrection },
): Promise<string | null> {
  // The programme's own rule at a deadline; which kinds have one is fixed by the table.
  if (actor.kind === 'rule' || actor.kind === 'system') return null;
  const verdict = await judge(tx, actor, await readTaskAuthority(tx, task, data), at);
  if (verdict.kind === 'refused') throw new DomainError(verdict.code, verdict.rule);
  return verdict.countsAs === actor.id ? null : verdict.countsAs;
}

async function judge(tx: Tx, actor: Actor, about: TaskAuthority, at: string): Promise<Authority> {
  if (actor.kind === 'partner' && actor.id) return mayDecide({ kind: 'partner', partnerId: actor.id }, about);
  if (actor.kind !== 'person') return mayDecide({ kind: 'key' }, about);
  const person = await readDecider(tx, actor.id ?? '', at);
  if (!person) throw new DomainError('forbidden', 'This person is not active in the program.');
  return personMayDecide(person, about);
}
