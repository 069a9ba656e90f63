import type { Actor } from '../domain/actor.ts';
import { DomainError, invalid } from '../domain/errors.ts';
import { FEEDBACK_KINDS, nextCaseState } from '../domain/feedback/case.ts';
import type { CaseAnswer, CaseEvent, CaseState, FeedbackKind } from '../domain/feedback/case.ts';
import { durationMs } from '../domain/time/duration.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import {
  changeCase,
  countOpenCases,
  findConversionByExternalId,
  insertCase,
  insertFeedbackMessage,
  lockCase,
} from '../db/queries/feedback.ts';
import type { CaseChange, FeedbackCaseRow } from '../db/queries/feedback.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { letterBook } from './mail/language.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface CaseOpening {
  programId: string;
  partnerId: string;
  feedbackId: string;
  commandId: string;
  actor: Actor;
  at: string;
}

/** One step of a case: what happened, by whom, and where the words of it lie. */
export interface CaseStep {
  programId: string;
  feedbackId: string;
  event: CaseEvent;
  actor: Actor;
  /** Names this step within the case, so that it is written once. */
  cause: string;
  /** Under this id lies what was written (`command_input`). */
  commandId?: string;
  /** What the partner is told where nobody wrote anything. */
  answer?: CaseAnswer;
  at: string;
}

/** Limits of one case, from the programme's settings. */
export interface CaseLimits {
  questions: number;
  appealWithinMs: number;
}

/** What a person typed: with a task under `data.data`, with an update of the case under `data`. */
interface Typed {
  message?: string;
  kind?: string;
  conversionExternalId?: string;
  evidence?: unknown;
  reason?: string;
  data?: { message?: string; evidence?: unknown; policyId?: string; conversionId?: string };
}

/** Steps after which the partner is told by mail; a question tells by its own task. */
const TOLD: readonly CaseEvent[] = [
  'answer',
  'decline',
  'correct',
  'review-policy',
  'carried-out',
  'not-carried-out',
  'uphold',
  'change',
];

/** A case from its first word to its end. Each step is one transaction, written once per cause. */
export function createFeedbackActivities({ pool }: ActivityDeps) {
  return {
    /** Opens a case with the partner's words; the same id again finds it. @throws DomainError `invalid`, `conflict` when too many are open */
    async openCase(opening: CaseOpening): Promise<CaseLimits> {
      return inTransaction(pool, opening.programId, async (tx) => {
        const { settings } = await readProgramFrame(tx);
        const { durations, gates } = settings;
        const input = (await readCommandInput<Typed>(tx, opening.commandId))?.data ?? {};
        const limits = { questions: gates.feedbackQuestions, appealWithinMs: durationMs(durations.appealWithin) };
        if (await lockCase(tx, opening.feedbackId)) return limits;
        if ((await countOpenCases(tx, opening.partnerId)) >= gates.openFeedbackCases) {
          throw new DomainError(
            'conflict',
            `At most ${gates.openFeedbackCases} cases may be open at once; wait for an answer.`,
          );
        }
        await insertOpening(tx, opening, input, durations.tasks['feedback.triage'].due);
        return limits;
      });
    },

    /** Moves a case on and writes the words that came with it. @throws DomainError `illegal-transition` */
    async moveCase(step: CaseStep): Promise<CaseState> {
      return inTransaction(pool, step.programId, async (tx) => {
        const feedback = await existing(tx, step.feedbackId);
        const typed = step.commandId ? ((await readCommandInput<Typed>(tx, step.commandId))?.data ?? {}) : {};
        const written = typed.data?.message ?? typed.message ?? typed.reason;
        const text = written ?? (await answerText(tx, feedback, step));
        const evidence = typed.data?.evidence ?? typed.evidence;
        const isNew = await insertFeedbackMessage(tx, feedback.id, {
          author: step.actor,
          text,
          evidence,
          cause: step.cause,
          at: step.at,
        });
        if (!isNew) return feedback.state;
        const move = nextCaseState(feedback.state, step.event, feedback.appealedAt === null ? 0 : 1);
        if (move.kind === 'refused') throw new DomainError('illegal-transition', move.reason);
        await changeCase(tx, feedback.id, move.state, changes(step, move.state, typed));
        await note(tx, feedback, step);
        if (TOLD.includes(step.event)) await tell(tx, feedback, step);
        return move.state;
      });
    },

    /** Notes the policy, study and re-evaluation that came of a case. */
    async linkCase(
      link: { programId: string; feedbackId: string; at: string } & Pick<
        CaseChange,
        'policyId' | 'studyId' | 'evaluationId'
      >,
    ): Promise<void> {
      await inTransaction(pool, link.programId, async (tx) => {
        const feedback = await lockCase(tx, link.feedbackId);
        if (!feedback) return;
        const { policyId, studyId, evaluationId } = link;
        const isNew = policyId !== undefined && policyId !== feedback.policyId;
        await changeCase(tx, feedback.id, null, { policyId, studyId, evaluationId });
        if (!isNew) return;
        await recordEvent(tx, {
          kind: 'feedback.policy-linked',
          actor: { kind: 'system' },
          subject: { type: 'feedback', id: feedback.id },
          partnerId: feedback.partnerId,
          data: { policyId },
          at: link.at,
          workflow: currentWorkflow(),
        });
      });
    },
  };
}

async function existing(tx: Tx, id: string): Promise<FeedbackCaseRow> {
  const feedback = await lockCase(tx, id);
  if (!feedback) throw new DomainError('not-found', `There is no case ${id}.`);
  return feedback;
}

async function insertOpening(tx: Tx, opening: CaseOpening, typed: Typed, due: string | null): Promise<void> {
  const { feedbackId: id, partnerId, actor, at } = opening;
  const kind = FEEDBACK_KINDS.find((one) => one === typed.kind);
  if (!kind) throw invalid('kind', `Give one of ${FEEDBACK_KINDS.join(', ')}.`);
  if (!typed.message?.trim()) throw invalid('message', 'Say what it is about.');
  const conversion = typed.conversionExternalId
    ? await findConversionByExternalId(tx, typed.conversionExternalId)
    : undefined;
  if (typed.conversionExternalId && !conversion) throw invalid('conversionExternalId', 'There is no such conversion.');
  const dueAt = due === null ? null : new Date(Date.parse(at) + durationMs(due)).toISOString();
  const workflowId = currentWorkflow()?.id ?? `feedback/${id}`;
  await insertCase(tx, { id, partnerId, kind, conversionId: conversion?.id ?? null, workflowId, dueAt, openedAt: at });
  await insertFeedbackMessage(tx, id, {
    author: actor,
    text: typed.message,
    evidence: typed.evidence,
    cause: 'opened',
    at,
  });
  await recordEvent(tx, {
    kind: 'feedback.opened',
    actor,
    subject: { type: 'feedback', id },
    partnerId,
    data: { kind: kind satisfies FeedbackKind, conversionId: conversion?.id ?? null },
    at,
    workflow: currentWorkflow(),
  });
}

/** The words of an answer that nobody wrote, in the partner's language. */
async function answerText(tx: Tx, { partnerId }: FeedbackCaseRow, { answer, at }: CaseStep): Promise<string> {
  if (answer === undefined) return '';
  const language = (await partnerAddressee(tx, partnerId, at))?.language ?? 'en';
  return letterBook(language).book.cases[answer];
}

function changes(step: CaseStep, state: CaseState, typed: Typed): CaseChange {
  return {
    ...(step.event === 'appeal' ? { appealedAt: step.at } : {}),
    ...(step.event === 'review-policy' && typed.data?.policyId ? { policyId: typed.data.policyId } : {}),
    ...(typed.data?.conversionId ? { conversionId: typed.data.conversionId } : {}),
    ...(state === 'closed' ? { closedAt: step.at } : {}),
  };
}

async function note(tx: Tx, feedback: FeedbackCaseRow, step: CaseStep): Promise<void> {
  await recordEvent(tx, {
    kind: `feedback.${step.event}`,
    actor: step.actor,
    subject: { type: 'feedback', id: feedback.id },
    partnerId: feedback.partnerId,
    at: step.at,
    workflow: currentWorkflow(),
  });
}

/** A mail in the partner's language; the words themselves are read from the case when it is sent. */
async function tell(tx: Tx, feedback: FeedbackCaseRow, step: CaseStep): Promise<void> {
  const to = await partnerAddressee(tx, feedback.partnerId, step.at);
  if (!to) return;
  await queueMail(tx, {
    key: `feedback/${feedback.id}/${step.cause}/${to.id}`,
    template: 'feedback-told',
    language: to.language,
    to: { name: to.name, address: to.address },
    data: { feedbackId: feedback.id, event: step.event, cause: step.cause },
    partnerId: feedback.partnerId,
  });
}
