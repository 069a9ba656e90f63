import { policyChangesNamed } from '../db/attribution/rule-names.ts';
import { findAdjustment } from '../db/queries/adjustment.ts';
import { findBrief } from '../db/queries/brief.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { findCase, listFeedbackMessages } from '../db/queries/feedback.ts';
import { findHold } from '../db/queries/hold.ts';
import { findPayout } from '../db/queries/payout.ts';
import { listPayoutAttempts } from '../db/queries/payout-attempt.ts';
import { findPolicy, findPolicyBefore } from '../db/queries/policy-version.ts';
import { findHitEvidence } from '../db/queries/screen-hit.ts';
import { findStatement } from '../db/queries/statement.ts';
import { listStatementLines } from '../db/queries/statement-line.ts';
import { getStudy } from '../db/queries/study.ts';
import { findDetails } from '../db/queries/verified-details.ts';
import type { Tx } from '../db/transaction.ts';
import { setAsideWorkData } from './set-aside-work.ts';
import type { TaskDataComposer } from './task-data.ts';

/** A task shows so many lines of a statement; the statement itself has them all. */
const LINES_SHOWN = 200;

/** What the first person approves: the amount and what it is made of. */
export const statementData: TaskDataComposer = async (tx, { subject }) => statementFacts(tx, subject.id);

/** What the second person lets go. */
export const payoutData: TaskDataComposer = async (tx, { subject }) => {
  const payout = await findPayout(tx, subject.id);
  if (!payout) return {};
  const { amountMinor: minor, currency, approvedBy, provider } = payout;
  const statement = await statementFacts(tx, payout.statementId);
  return { ...statement, payoutId: payout.id, amount: { minor, currency }, approvedBy, provider };
};

/** What is known of a payment that nobody can find. */
export const investigationData: TaskDataComposer = async (tx, request) => ({
  ...(await payoutData(tx, request)),
  attempts: await listPayoutAttempts(tx, request.subject.id),
});

/** Where the provider's book and ours differ; differences of other things bring their own data. */
export const differenceData: TaskDataComposer = async (tx, { subject }) => {
  if (subject.type === 'work') return setAsideWorkData(tx, subject.id);
  const payout = subject.type === 'payout' ? await findPayout(tx, subject.id) : undefined;
  if (!payout) return {};
  const { amountMinor: minor, movedMinor, currency, state } = payout;
  return {
    payoutId: payout.id,
    state,
    asked: { minor, currency },
    moved: movedMinor === null ? null : { minor: movedMinor, currency },
    attempts: await listPayoutAttempts(tx, payout.id),
  };
};

async function statementFacts(tx: Tx, id: string): Promise<Record<string, unknown>> {
  const statement = await findStatement(tx, id);
  if (!statement) return {};
  const { currency } = statement;
  const money = (minor: number) => ({ minor, currency });
  const lines = await listStatementLines(tx, id);
  return {
    statementId: id,
    kind: statement.kind,
    amount: money(statement.amountMinor),
    net: money(statement.netMinor),
    vat: money(statement.vatMinor),
    gross: money(statement.grossMinor),
    carryIn: money(statement.carryInMinor),
    carryOut: money(statement.carryOutMinor),
    payAt: statement.expectedPayAt,
    lineCount: lines.length,
    lines: lines.slice(0, LINES_SHOWN).map((line) => ({
      commissionId: line.commissionId,
      kind: line.kind,
      conversionId: line.conversionId,
      conversionExternalId: line.conversionExternalId,
      amount: money(line.minor),
    })),
  };
}

/** The rule, what it changes in plain words, who asked for it and why, and what the study says in money. */
export const policyData: TaskDataComposer = async (tx, { subject, data }) => {
  const policy = await findPolicy(tx, subject.id);
  const { studyId } = (data ?? {}) as { studyId?: string };
  const study = studyId ? await getStudy(tx, studyId) : undefined;
  const beforeId = policy && (await findPolicyBefore(tx, policy));
  const before = beforeId === undefined ? undefined : await findPolicy(tx, beforeId);
  const changes = policy && before ? await policyChangesNamed(tx, before.body, policy.body) : [];
  return {
    policyId: subject.id,
    name: policy?.name,
    version: policy?.version,
    policy: policy?.body,
    changes: changes.map(({ text }) => text),
    submittedBy: policy?.submittedBy,
    submission: policy?.submission,
    totals: study?.totals ?? null,
    conversions: study?.conversions ?? null,
    range: study ? { from: study.fromAt, to: study.toAt } : null,
  };
};

/** The case as it stands: every word of it, and what it is about. */
export const feedbackData: TaskDataComposer = async (tx, { subject }) => {
  const feedback = await findCase(tx, subject.id);
  if (!feedback) return {};
  const { kind, conversionId, policyId, evaluationId } = feedback;
  return {
    feedbackId: feedback.id,
    kind,
    conversionId,
    policyId,
    evaluationId,
    messages: await listFeedbackMessages(tx, feedback.id),
  };
};

export const adjustmentData: TaskDataComposer = async (tx, { subject }) => {
  const adjustment = await findAdjustment(tx, subject.id);
  if (!adjustment) return {};
  const { amountMinor: minor, currency, reason, relatesTo } = adjustment;
  return { adjustmentId: adjustment.id, value: { minor, currency }, reason, relatesTo };
};

/** What is held and why; what a screen saw, where one placed it. */
export const holdData: TaskDataComposer = async (tx, { subject }) => {
  const hold = await findHold(tx, subject.id);
  if (!hold) return {};
  const { commissionId, conversionId, reason, untilAt: until, placedBy } = hold;
  const evidence = await findHitEvidence(tx, hold.id);
  return { holdId: hold.id, commissionId, conversionId, reason, until, placedBy, evidence };
};

export const briefData: TaskDataComposer = async (tx, { subject }) => {
  const brief = await findBrief(tx, subject.id);
  return brief ? { briefId: brief.id, name: brief.name, weights: brief.weights, surveyId: brief.surveyId } : {};
};

/** The money settings that somebody wants changed, as they asked for it. */
export const settingData: TaskDataComposer = async (tx, { data }) => {
  const { requestId } = (data ?? {}) as { requestId?: string };
  const asked = requestId ? await readCommandInput<{ settings?: unknown; reason?: string }>(tx, requestId) : undefined;
  return asked ? { settings: asked.data.settings, reason: asked.data.reason } : {};
};

/** Whose account it is said to be; of the account itself only its end, because the whole stays in its own table. */
export const detailsData: TaskDataComposer = async (tx, { subject }) => {
  const details = await findDetails(tx, subject.id);
  if (!details) return {};
  const { method, accountHolder, taxCountry, vatId, isSmallBusiness: smallBusiness, account } = details;
  return {
    detailsId: details.id,
    method,
    accountHolder,
    accountEnding: account.slice(-4),
    taxCountry,
    vatId,
    smallBusiness,
  };
};
