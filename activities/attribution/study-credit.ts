import type { Pool } from '../../db/pool.ts';
import { readClock } from '../../db/queries/program-clock.ts';
import { readPolicySpans } from '../../db/queries/policy-period.ts';
import type { PolicyInForce } from '../../db/queries/policy-period.ts';
import { getPolicy } from '../../db/queries/policy-version.ts';
import { conversionsToStudy, countConversions, countStudied, getStudy, startStudy } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { insertStudyLines, lastStudied, readCreditsAt } from '../../db/queries/study-line.ts';
import type { StudyLine } from '../../db/queries/study-line.ts';
import { getEvaluation } from '../../db/queries/evaluation.ts';
import type { StoredCredit } from '../../db/queries/credit.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import { DomainError } from '../../domain/errors.ts';
import { computeCredit } from '../../db/attribution/conversion-credit.ts';
import { groupBy, loadCreditFacts } from '../../db/attribution/credit-facts.ts';
import type { BatchFacts } from '../../db/attribution/credit-facts.ts';
import { decideRefunds } from '../../db/attribution/refund-limits.ts';
import type { DrainOptions } from './drain.ts';

const CONVERSIONS_PER_STEP = 500;
/** Stands above every evaluation that was executed: the draft is what the study asks about. */
const DRAFT_EXECUTION = Number.MAX_SAFE_INTEGER;

export interface Shard {
  shard: number;
  of: number;
}

/**
 * Fixes what a study reads. A study of an evaluation reads facts received before its cut and what stood at that boundary; any other reads
 * what is known now.
 * @throws DomainError `conflict` for a study of an evaluation whose cut is not sealed yet
 */
export async function beginStudy(pool: Pool, programId: string, studyId: string): Promise<Study> {
  return inTransaction(pool, programId, async (tx) => {
    const study = await getStudy(tx, studyId);
    if (study.state !== 'queued') return study;
    const reading = study.evaluationId === null ? await readingNow(tx) : await readingAtCut(tx, study.evaluationId);
    const total = await countConversions(tx, { fromAt: study.fromAt, toAt: study.toAt, before: reading.cutAt });
    return startStudy(tx, studyId, { ...reading, total });
  });
}

async function readingNow(tx: Tx): Promise<{ cutAt: string; epoch: number }> {
  const { horizon, epoch } = await readClock(tx);
  return { cutAt: horizon, epoch };
}

async function readingAtCut(tx: Tx, evaluationId: string): Promise<{ cutAt: string; epoch: number }> {
  const { cutAt, epoch } = await getEvaluation(tx, evaluationId);
  if (cutAt === null || epoch === null)
    throw new DomainError('conflict', `The cut of re-evaluation ${evaluationId} is not sealed yet. Settle it first.`);
  return { cutAt, epoch };
}

/** Credits the conversions of one shard under the draft, in steps; a shard that died goes on after its last line. */
export async function creditStudyShard(
  pool: Pool,
  programId: string,
  studyId: string,
  shard: Shard,
  options: Omit<DrainOptions, 'now'> = {},
): Promise<number> {
  let afterId = await inTransaction(pool, programId, (tx) => lastStudied(tx, studyId, shard));
  for (let credited = 0; ;) {
    options.signal?.throwIfAborted();
    options.heartbeat?.(credited);
    const ids = await inTransaction(pool, programId, (tx) => creditStep(tx, studyId, { ...shard, afterId }));
    if (ids.length === 0) return credited;
    credited += ids.length;
    afterId = ids.at(-1)!;
  }
}

async function creditStep(tx: Tx, studyId: string, slice: Shard & { afterId: string }): Promise<string[]> {
  const study = await getStudy(tx, studyId);
  if (study.state !== 'running') throw new DomainError('conflict', `Study ${studyId} is ${study.state}.`);
  const ids = await conversionsToStudy(tx, study, { ...slice, limit: CONVERSIONS_PER_STEP });
  const { sealedAt } = await readClock(tx);
  const draft = await draftSpan(tx, study);
  const spans = [...(await readPolicySpans(tx, { horizon: study.cutAt!, sealedAt })), draft];
  const facts = await loadCreditFacts(tx, ids, { horizon: study.cutAt!, sealedAt, isEvidenceUnlimited: true });
  const before = groupBy(await readCreditsAt(tx, ids, study.epoch!), ({ conversionId }) => conversionId);
  const lines = facts.conversions.flatMap((conversion) => {
    if (policyInForce(spans, conversion.type, conversion.occurredAt) !== draft) return [];
    return linesOf(facts, conversion.id, draft, before.get(conversion.id) ?? []);
  });
  await insertStudyLines(tx, studyId, lines);
  await countStudied(tx, studyId, ids.length);
  return ids;
}

async function draftSpan(tx: Tx, study: Study): Promise<PolicyInForce> {
  const { id, body } = await getPolicy(tx, study.policyId);
  return {
    policyId: id,
    policy: body,
    conversionTypes: body.conversionTypes,
    from: study.fromAt,
    to: study.toAt,
    execution: DRAFT_EXECUTION,
    evaluationId: study.evaluationId,
    cutAt: study.cutAt,
  };
}

/** Before and after of one conversion, per beneficiary. Both look at what remains after the refunds received before the cut. */
function linesOf(
  facts: BatchFacts,
  conversionId: string,
  draft: PolicyInForce,
  before: readonly StoredCredit[],
): StudyLine[] {
  const conversion = facts.conversions.find(({ id }) => id === conversionId)!;
  const { remainingMinor } = decideRefunds(conversion, facts.refunds.get(conversionId) ?? []);
  const creditFacts = {
    conversion,
    remainingMinor,
    touchpoints: facts.journeys.get(conversionId) ?? [],
    parentCredits: facts.parentCredits.get(conversionId) ?? null,
    history: facts.history,
  };
  const after = computeCredit({ ...creditFacts, policy: draft.policy }).credits;
  // The rule in force on all evidence: where it differs from what stands, the difference is the evidence's, not the draft's.
  const rule = facts.rules.get(conversionId) ?? null;
  const evidenced = computeCredit({ ...creditFacts, policy: rule?.policy ?? null }).credits;
  const keys = new Map(
    [...before, ...after].map(({ beneficiary }) => [`${beneficiary.kind} ${beneficiary.id}`, beneficiary]),
  );
  return [...keys].map(([key, beneficiary]) => {
    const isOurs = (credit: { beneficiary: { kind: string; id: string } }) =>
      `${credit.beneficiary.kind} ${credit.beneficiary.id}` === key;
    const [was, is, evident] = [before.filter(isOurs), after.filter(isOurs), evidenced.filter(isOurs)];
    return {
      conversionId,
      beneficiaryKind: beneficiary.kind,
      beneficiaryId: beneficiary.id,
      shareBeforeE12: sum(was, 'shareE12'),
      shareAfterE12: sum(is, 'shareE12'),
      valueBeforeMinor: sum(was, 'minor'),
      valueAfterMinor: sum(is, 'minor'),
      valueCurrency: conversion.currency,
      isFromLateEvidence: sum(was, 'shareE12') !== sum(evident, 'shareE12'),
      after: is.map(({ channel, shareE12, minor }) => ({ channel, shareE12, minor })),
    };
  });
}

function sum(credits: readonly { shareE12: number; minor: number }[], field: 'shareE12' | 'minor'): number {
  return credits.reduce((total, credit) => total + credit[field], 0);
}
