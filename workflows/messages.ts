import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';

/**
 * Every update and signal of every workflow. Payloads hold ids, enumerations, integers and instants only:
 * what a person typed lies in `command_input` under `commandId`, which is also the update's id.
 */
export interface Command {
  commandId: string;
  actor: Actor;
}

/** Completes a task of the workflow that opened it. Answered with the decision that stands. */
export interface TaskCompletion extends Command {
  taskId: string;
  outcome: string;
  /** For `contract.signature` and `contract.countersignature`: the version and hash that the person saw. */
  acceptedVersion?: number;
  acceptedHash?: string;
}

/** What stands after a decision; details of the refusals `task-decided` and `task-closed` have the same shape. */
export interface TaskDecision {
  taskId: string;
  outcome: string;
  by: Actor;
  at: string;
}

export const completeTask = defineUpdate<TaskDecision, [TaskCompletion]>('completeTask');

/** Starts a partner's journey (update-with-start). `entry` tells whether the team made the partner or it applied itself with answers. */
export interface CreatePartner extends Command {
  entry: 'team' | 'application';
}
export const createPartner = defineUpdate<{ partnerId: string }, [CreatePartner]>('createPartner');

/** An event of the table of states that a person causes. */
export type StatusEvent = 'pause' | 'resume' | 'end' | 'reopen' | 'reapply' | 'withdraw';
export interface ChangeStatus extends Command {
  event: StatusEvent;
}
export const changeStatus = defineUpdate<{ status: string }, [ChangeStatus]>('changeStatus');

/** Proposes or replaces terms of the contract in force; the changes lie in `command_input`. */
export interface AmendContract extends Command {
  contractId: string;
  mode: 'propose' | 'replace';
}
export const amendContract = defineUpdate<{ contractId: string; version: number }, [AmendContract]>('amendContract');

/** A brief that became active wakes waitlisted partners. */
export const briefActivated = defineSignal<[{ briefId: string }]>('briefActivated');

/** A settlement of this partner reached its end. */
export const settlementFinished = defineSignal<[{ windowId: string; no: number }]>('settlementFinished');

/** Submits a first draft (update-with-start of `content/<contentId>`). */
export interface SubmitContent extends Command {
  partnerId: string;
  contentId: string;
}
export const submitContent = defineUpdate<{ contentId: string }, [SubmitContent]>('submitContent');

/** The partnership ended: what is not published yet is withdrawn, and nobody is asked about it any more. */
export const partnerEnded = defineSignal('partnerEnded');

/** Opens a case (update-with-start of `feedback/<caseId>`); an appeal goes to the same workflow. */
export interface OpenFeedback extends Command {
  partnerId: string;
  feedbackId: string;
}
export const openFeedback = defineUpdate<{ feedbackId: string }, [OpenFeedback]>('openFeedback');
export const appealFeedback = defineUpdate<{ feedbackId: string }, [Command]>('appealFeedback');
/**
 * What became of the policy that a case asked for: it is `active` and its re-evaluation, if it asked for one, is posted; it is in force, but its
 * re-evaluation failed or was cancelled (`not-reevaluated`); it was `rejected`, or replaced before it began.
 */
export interface PolicyDecision {
  policyId: string;
  decision: 'active' | 'not-reevaluated' | 'rejected';
  evaluationId?: string;
}
export const policyDecided = defineSignal<[PolicyDecision]>('policyDecided');

/** Submits a policy draft for approval (update-with-start of `policy/<policyId>`). */
export interface SubmitPolicy extends Command {
  policyId: string;
  effectiveFrom: string;
  reevaluateFrom?: string;
  downward: 'recover' | 'waive';
  feedbackId?: string;
}
export const submitPolicy = defineUpdate<{ policyId: string }, [SubmitPolicy]>('submitPolicy');
export const reevaluationFinished =
  defineSignal<[{ evaluationId: string; state: 'done' | 'cancelled' | 'failed' }]>('reevaluationFinished');
export const cancelReevaluation = defineUpdate<{ evaluationId: string }, [Command]>('cancelReevaluation');

/** One decision about one thing (update-with-start of `approval/<subject type>/<subject id>`): a brief, an adjustment, a money setting, a hold, an address that takes no mail, work that failed. */
export interface RequestApproval extends Command {
  subjectType: 'brief' | 'adjustment' | 'setting' | 'hold' | 'mail' | 'work';
  subjectId: string;
}
export const requestApproval = defineUpdate<{ taskId: string }, [RequestApproval]>('requestApproval');

/** New facts wait for the feed. */
export const workArrived = defineSignal('workArrived');

/** The one feed of a program: whoever starts or wakes it names it by this. */
export const FEED = 'attributionFeed';
export function feedOf(programId: string, { attribution }: { attribution: string }) {
  const args: [{ programId: string }] = [{ programId }];
  return { workflowId: `attribution-feed/${programId}`, taskQueue: attribution, args };
}

/** What the provider said about a payout, by webhook; the workflow looks the payment up before it believes it. */
export const providerReported = defineSignal<[{ payoutId: string }]>('providerReported');
/** The payout came to an end: `paid`, or back to payable. */
export const payoutFinished = defineSignal<[{ payoutId: string; state: string }]>('payoutFinished');
/** The partner is active again, or new payout details were verified: what waited for that may go on. */
export const partnerReady = defineSignal('partnerReady');
