import { ApplicationFailure, condition, patched } from '@temporalio/workflow';
import { SYSTEM } from '../domain/actor.ts';
import type { Actor } from '../domain/actor.ts';
import { nextState } from '../domain/partner/lifecycle.ts';
import type { LifecycleFacts, Move, PartnerEvent, PartnerState } from '../domain/partner/lifecycle.ts';
import { record } from './activity-proxies.ts';
import type { TaskAnswer, TaskDesk, TaskDeskState, TaskQuestion } from './human-task.ts';
import { now } from './pause.ts';
import { refuse } from './refusal.ts';
import { showStage } from './waiting.ts';

/** An amendment that waits for the partner's consent. */
export interface OpenAmendment {
  contractId: string;
  version: number;
  hash: string;
}

/** All that a journey must know to go on after it continued as new; JSON-safe. */
export interface JourneyState {
  status: PartnerState | null;
  /** Counts changes of the state: a stage notices that it was left, even when it is entered again. */
  visit: number;
  round: number;
  since: string;
  reapplyAfter?: string;
  waitlistedSince?: string;
  /** Where an expired journey came from. */
  expiredFrom?: PartnerState;
  /** The contract in force. */
  contractId?: string;
  /** When that contract expires by its terms; absent: it does not. */
  expiresAt?: string;
  /** The newest version of the newest contract; 0 before the first came into force. */
  version: number;
  hash: string;
  /** The window that is turned next. */
  nextWindow: number;
  /** Windows whose settlement runs. */
  settling: number[];
  amendments: OpenAmendment[];
  /** Briefs that became active and that no stage has looked at yet. */
  briefs: number;
  enablement: { round: number; isTrained: boolean; hasDetails: boolean; extensions: number; looks: number };
  tasks: TaskDeskState;
  /** Newest commands with their results, so that a command that is repeated after continuing as new is carried out once. */
  handled: { commandId: string; result: unknown }[];
}

export interface MoveRequest extends Partial<LifecycleFacts> {
  actor?: Actor;
  commandId?: string;
  reapplyAfter?: string;
}

/** What a stage works with. */
export interface Journey {
  readonly programId: string;
  readonly partnerId: string;
  readonly state: JourneyState;
  readonly desk: TaskDesk;
  /** Whether the state may change so now. Read-only, for validators. */
  check(event: PartnerEvent, facts?: Partial<LifecycleFacts>): Move;
  /**
   * Changes the state by an event of the table, one at a time.
   * @returns whether it did; false when the stage was left meanwhile
   */
  move(event: PartnerEvent, request?: MoveRequest): Promise<boolean>;
  /** Asks about the partner; the task closes when the stage is left. `undefined` then. */
  ask(question: Omit<TaskQuestion, 'partnerId'>): Promise<TaskAnswer | undefined>;
  /** Resolves when the state that holds now is left. */
  left(): Promise<void>;
  isMoving(): boolean;
  /**
   * Puts a version of the contract in force, and notes when the contract expires now.
   * @returns false, and puts nothing in force, when the contract that an amendment changes has ended meanwhile
   */
  putInForce(step: VersionInForce): Promise<boolean>;
  /** Whether a version is being put in force: it may move the contract's end. */
  isAmending(): boolean;
}

/** A version that everybody agreed to, or of which the partner is told. */
export interface VersionInForce {
  contractId: string;
  version: number;
  actor: Actor;
  isNotice?: boolean;
  isConsent?: boolean;
}

const HANDLED_KEPT = 50;

export function createJourney(
  scope: { programId: string; partnerId: string },
  state: JourneyState,
  desk: TaskDesk,
): Journey {
  let moving = false;
  let amending = 0;

  function check(event: PartnerEvent, facts: Partial<LifecycleFacts> = {}): Move {
    const reapplyAfterMs = state.reapplyAfter === undefined ? null : Date.parse(state.reapplyAfter);
    return nextState(state.status, event, {
      nowMs: Date.now(),
      contractInForce: state.contractId !== undefined,
      reapplyAfterMs,
      expiredAtMs: Date.parse(state.since),
      ...facts,
    });
  }

  async function move(event: PartnerEvent, request: MoveRequest = {}): Promise<boolean> {
    const { actor = SYSTEM, commandId, reapplyAfter, ...facts } = request;
    const visit = state.visit;
    // A loop, because two that wait wake at once.
    while (moving) await condition(() => !moving);
    const next = check(event, facts);
    if (next.kind === 'refused') {
      if (state.visit !== visit) return false;
      throw refuse(next.code, next.reason);
    }
    const from = state.status;
    if (from === null || next.state === from) return true;
    moving = true;
    try {
      const round = event === 'reapply' ? state.round + 1 : state.round;
      const endsContractId = next.state === 'ended' ? state.contractId : undefined;
      const expiresAt = event === 'contract-expired' ? state.expiresAt : undefined;
      const at = now();
      await record.movePartner({
        ...scope,
        ...{ from, to: next.state, round, actor, commandId, reapplyAfter, endsContractId, expiresAt, at },
      });
      if (next.state === 'ended' && patched('reviews-end-with-the-partner')) await record.endReviews(scope);
      enter(next.state, { from, round, at, reapplyAfter });
    } finally {
      moving = false;
    }
    return true;
  }

  function enter(
    status: PartnerState,
    step: { from: PartnerState; round: number; at: string; reapplyAfter?: string },
  ): void {
    state.status = status;
    state.visit += 1;
    state.round = step.round;
    state.since = step.at;
    state.reapplyAfter = step.reapplyAfter;
    if (status === 'expired') state.expiredFrom = step.from;
    if (status === 'waitlisted') state.waitlistedSince ??= step.at;
    if (!['waitlisted', 'screening'].includes(status)) state.waitlistedSince = undefined;
    if (status === 'ended') Object.assign(state, { contractId: undefined, expiresAt: undefined });
    showStage(scope, status);
  }

  async function putInForce(step: VersionInForce): Promise<boolean> {
    const isAmendment = step.isNotice === true || step.isConsent === true;
    const hasEnded = () => isAmendment && state.contractId !== step.contractId;
    if (hasEnded() && patched('no-amendment-after-the-end')) return false;
    amending += 1;
    try {
      const { expiresAt } = await record.putInForce({ ...scope, ...step, at: now() });
      if (!hasEnded()) state.expiresAt = expiresAt;
      return true;
    } finally {
      amending -= 1;
    }
  }

  async function ask(question: Omit<TaskQuestion, 'partnerId'>): Promise<TaskAnswer | undefined> {
    const visit = state.visit;
    const isLeft = () => state.visit !== visit;
    const cancelWhen = () => isLeft() || question.cancelWhen?.() === true;
    const answer = await desk.ask({ ...question, partnerId: scope.partnerId, cancelWhen });
    return isLeft() || answer.outcome === 'cancelled' ? undefined : answer;
  }

  return {
    ...scope,
    state,
    desk,
    check,
    move,
    ask,
    left: () => {
      const visit = state.visit;
      return condition(() => state.visit !== visit);
    },
    isMoving: () => moving,
    putInForce,
    isAmending: () => amending > 0,
  };
}

/** The result of a command that was carried out before; else carries it out and keeps its result. */
export async function once<Result>(
  state: JourneyState,
  commandId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const done = state.handled.find((one) => one.commandId === commandId);
  if (done) return done.result as Result;
  const result = await work();
  state.handled = [...state.handled, { commandId, result }].slice(-HANDLED_KEPT);
  return result;
}

/** A fault in a stage ends the run for an operator to see; nothing else may end a journey. */
export function asFailure(error: unknown): ApplicationFailure {
  return error instanceof ApplicationFailure
    ? error
    : ApplicationFailure.create({ message: (error as Error).message, cause: error as Error, nonRetryable: true });
}
