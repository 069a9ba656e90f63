import { DomainError } from '../domain/errors.ts';
import { mayDecide } from '../domain/task/authority.ts';
import type { Authority, TaskAuthority } from '../domain/task/authority.ts';
import { personMayDecide } from '../domain/task/deputy.ts';
import { readDecider } from '../db/queries/decider.ts';
import type { TaskRow } from '../db/queries/task.ts';
import { readTaskAuthority } from '../db/queries/task-authority.ts';
import type { Tx } from '../db/transaction.ts';
import type { Principal } from './principal.ts';

/**
 * Whether the caller may decide this task; the workflow's activity asks the same again under the task's lock.
 * A key has one role of its person, so it decides in that role only.
 * @throws DomainError `forbidden`, `own-request`, `linked-person` or `second-person-required`, with the rule in words
 */
export async function assertMayDecide(tx: Tx, principal: Principal, task: TaskRow, at: string): Promise<void> {
  const verdict = await verdictOn(tx, principal, await readTaskAuthority(tx, task), at);
  if (verdict.kind === 'refused') throw new DomainError(verdict.code, verdict.rule);
}

async function verdictOn(tx: Tx, principal: Principal, about: TaskAuthority, at: string): Promise<Authority> {
  if (principal.kind === 'key') return mayDecide({ kind: 'key' }, about);
  if (principal.kind === 'partner') return mayDecide({ kind: 'partner', partnerId: principal.partnerId }, about);
  const decider = await readDecider(tx, principal.personId, at);
  if (!decider) return mayDecide({ kind: 'key' }, about);
  return personMayDecide({ ...decider, roles: principal.roles }, about);
}
