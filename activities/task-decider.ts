import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { mayDecide } from '../domain/task/authority.ts';
import type { Actor as AuthorityActor, Authority } from '../domain/task/authority.ts';
import type { Role } from '../domain/task/kinds.ts';
import { readDecider } from '../db/queries/decider.ts';
import type { Decider } from '../db/queries/decider.ts';
import type { TaskRow } from '../db/queries/task.ts';
import type { Tx } from '../db/transaction.ts';

/**
 * Whom the decision counts for, checked under the task's row lock.
 * A person with delegations decides in their own role where that suffices, but four eyes counts those they stand in for as well.
 * @returns the person that a delegate stands in for, or null
 * @throws DomainError `forbidden`, `own-request`, `linked-person` or `second-person-required`
 */
export async function assertMayDecide(tx: Tx, actor: Actor, task: TaskRow, at: string): Promise<string | null> {
  // The programme's own rule at a deadline; which kinds have one is fixed by the table.
  if (actor.kind === 'rule' || actor.kind === 'system') return null;
  const about = {
    kind: task.kind,
    role: task.role as Role,
    partnerId: task.partnerId,
    requestedBy: task.requestedBy === null ? [] : [task.requestedBy],
    decidedBefore: task.excludedPersons,
  };
  if (actor.kind !== 'person') return allow(mayDecide(withoutPerson(actor), about)) && null;
  const decider = await readDecider(tx, actor.id ?? '', at);
  if (!decider) throw new DomainError('forbidden', 'This person is not active in the program.');
  const own = mayDecide(asThemselves(decider), about);
  const stoodFor = decider.standsInFor.map((other) => ({
    other,
    verdict: mayDecide(standingIn(decider, other), about),
  }));
  if (own.kind === 'allowed') {
    const broken = stoodFor.find(({ verdict }) => verdict.kind === 'refused' && verdict.code !== 'forbidden');
    allow(broken?.verdict ?? own);
    return null;
  }
  const deputy = own.code === 'forbidden' ? stoodFor.find(({ verdict }) => verdict.kind === 'allowed') : undefined;
  if (!deputy) throw refused(own);
  return deputy.other.personId;
}

function withoutPerson(actor: Actor): AuthorityActor {
  return actor.kind === 'partner' && actor.id ? { kind: 'partner', partnerId: actor.id } : { kind: 'key' };
}

function asThemselves({ personId, roles, conflicts }: Decider): AuthorityActor {
  return { kind: 'person', personId, roles, conflicts, standsInFor: null };
}

function standingIn(decider: Decider, other: Decider['standsInFor'][number]): AuthorityActor {
  const { personId, conflicts } = decider;
  const roles = [...new Set([...decider.roles, ...other.roles])];
  return { kind: 'person', personId, roles, conflicts, standsInFor: other };
}

function allow(verdict: Authority): true {
  if (verdict.kind === 'refused') throw refused(verdict);
  return true;
}

function refused(verdict: Extract<Authority, { kind: 'refused' }>): DomainError {
  return new DomainError(verdict.code, verdict.rule);
}
