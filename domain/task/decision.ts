import { invalid } from '../errors.ts';
import { taskKind } from './kinds.ts';
import type { TaskKind } from './kinds.ts';

/** An outcome as somebody gives it, and who gives it (person or partner id). */
export interface Decision {
  outcome: string;
  reason?: string | null;
  by: string;
}

/** @throws DomainError `invalid` when the kind does not know the outcome, or a negative one comes without its reason */
export function assertOutcome(kind: TaskKind, outcome: string, reason: string | null | undefined): void {
  const { outcomes, needReason } = taskKind(kind);
  if (!outcomes.includes(outcome)) throw invalid('outcome', `Give one of ${outcomes.join(', ')}.`);
  if (needReason.includes(outcome) && !reason?.trim()) {
    throw invalid('reason', `The outcome "${outcome}" needs a reason that the other side can read.`);
  }
}

/**
 * What a further decision on a decided task means: the same person with the same outcome only repeats it (200),
 * anybody else is too late (409), also with the same outcome.
 */
export function compareWithStanding(standing: Decision, next: Decision): 'repeated' | 'decided' {
  return standing.by === next.by && standing.outcome === next.outcome ? 'repeated' : 'decided';
}

/**
 * How many different persons must choose this outcome before it stands.
 * Thresholds add approvers and never remove one (settlement.md §6).
 */
export function personsNeeded(kind: TaskKind, outcome: string, extraApprovers = 0): number {
  const base = taskKind(kind).needTwoPersons?.includes(outcome) ? 2 : 1;
  return base + Math.max(0, extraApprovers);
}

/** The person a task goes to first: the partner's owner if that person may act there, else nobody, which means the role. */
export function firstAssignee(owner: { personId: string; markets: readonly string[] } | null, market: string | null) {
  if (!owner) return null;
  const covers = owner.markets.length === 0 || market === null || owner.markets.includes(market);
  return covers ? owner.personId : null;
}
