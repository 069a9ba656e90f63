import type { ErrorCode } from '../errors.ts';
import { taskKind } from './kinds.ts';
import type { Role, TaskKind } from './kinds.ts';

/** Who wants to decide. A key acts for its person or its partner; a key of neither decides nothing. */
export type Actor =
  | {
      kind: 'person';
      personId: string;
      roles: readonly Role[];
      /** Partners this person is linked to (family, own company, …). */
      conflicts: readonly string[];
      /** Set while the person stands in for another; roles are then those of the other. */
      standsInFor?: { personId: string; conflicts: readonly string[] } | null;
    }
  | { kind: 'partner'; partnerId: string }
  | { kind: 'key' };

/** What must be known of a task to say who may decide it. */
export interface TaskAuthority {
  kind: TaskKind;
  /** The role of this very task; differs from the kind's where a kind has steps. */
  role: Role;
  partnerId: string | null;
  /** Partners whom the decision touches beside that one: those that a policy names, and those whose cases it answers. */
  concerns: readonly string[];
  /** Persons whose request this is: submitter, requester, maker. */
  requestedBy: readonly string[];
  /** Persons who decided an earlier step that four eyes must differ from: approver before release, triage before appeal. */
  decidedBefore: readonly string[];
}

export type Authority =
  /** `countsAs` is the person whom the four-eyes rule counts; null for a partner. */
  | { kind: 'allowed'; countsAs: string | null }
  | {
      kind: 'refused';
      code: Extract<ErrorCode, 'forbidden' | 'own-request' | 'linked-person' | 'second-person-required'>;
      rule: string;
    };

/** Whether this actor may decide this task, and if not, which rule stands against it. Never throws. */
export function mayDecide(actor: Actor, task: TaskAuthority): Authority {
  if (actor.kind === 'key') return refused('forbidden', 'An API key that acts for no person decides no task.');
  if (task.role === 'partner') return partnerMayDecide(actor, task);
  if (actor.kind === 'partner') return refused('forbidden', `This task is decided by ${task.role}, not by a partner.`);

  const roles = rolesThatDecide(task);
  if (!actor.roles.some((role) => roles.includes(role))) {
    return refused('forbidden', `This task is decided by ${roles.join(' or ')}.`);
  }
  const persons = [actor.personId, ...(actor.standsInFor ? [actor.standsInFor.personId] : [])];
  const conflicts = [...actor.conflicts, ...(actor.standsInFor?.conflicts ?? [])];
  if (persons.some((person) => task.requestedBy.includes(person))) {
    return refused('own-request', 'Nobody decides on their own request; another person must.');
  }
  if (conflicts.some((partner) => partner === task.partnerId || task.concerns.includes(partner))) {
    return refused('linked-person', 'Nobody decides on a partner they are linked to; another person must.');
  }
  if (persons.some((person) => task.decidedBefore.includes(person))) {
    return refused('second-person-required', 'This step needs another person than the step before it.');
  }
  return { kind: 'allowed', countsAs: actor.standsInFor?.personId ?? actor.personId };
}

/** The roles that may decide this task. */
export function rolesThatDecide(task: Pick<TaskAuthority, 'kind' | 'role'>): Role[] {
  return [task.role, ...(taskKind(task.kind).alsoRoles ?? [])];
}

function partnerMayDecide(actor: Exclude<Actor, { kind: 'key' }>, task: TaskAuthority): Authority {
  if (actor.kind === 'partner' && actor.partnerId === task.partnerId) return { kind: 'allowed', countsAs: null };
  return refused('forbidden', "It is the partner's own turn; only the partner can do this.");
}

function refused(code: Extract<Authority, { kind: 'refused' }>['code'], rule: string): Authority {
  return { kind: 'refused', code, rule };
}
