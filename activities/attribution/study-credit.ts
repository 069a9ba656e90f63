import type { Pool } from '../../db/pool.ts';
import { readPolicySpans } from '../../db/queries/policy-period.ts';
import type { PolicyInForce } from '../../db/queries/policy-period.ts';
import { conversionsToStudy, countConversions, countStudied, getStudy, startStudy } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { readCreditsAt } from '../../db/queries/study-instant.ts';
import { insertStudyLines, lastStudied } from '../../db/queries/study-line.ts';
import type { ChannelPart, StudyLine } from '../../db/queries/study-line.ts';
import { getEvaluation } from '../../db/queries/evaluation.ts';
import type { StoredCredit } from '../../db/queries/credit.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import { compareText } from '../../domain/attribution/journey.ts';
import { DomainError } from '../../domain/errors.ts';
import { computeCredit } from '../../db/attribution/conversion-credit.ts';
import { groupBy, loadCreditFacts } from '../../db/attribution/credit-facts.ts';
import type { BatchFacts } from '../../db/attribution/credit-facts.ts';
import { loadParentShares } from '../../db/attribution/study-parents.ts';
import type { ParentShares } from '../../db/attribution/study-parents.ts';
import { draftSpan } from '../../db/attribution/study-rules.ts';
import { decideRefunds } from '../../db/attribution/refund-limits.ts';
import type { DrainOptions } from './drain.ts';

const CONVERSIONS_PER_STEP = 500;

export interface Shard {
  shard: number;
  of: number;
}

/**
 * Fixes what a study reads: facts received before its cut, or that of its evaluation, what stood at that boundary, and the policy as it is.
 * @throws DomainError `conflict` when the cut is not sealed yet
 */
export async function beginStudy(pool: Pool, programId: string, studyId: string): Promise<Study> {
  return inTransaction(pool, programId, async (tx) => {
    const study = await getStudy(tx, studyId);
    if (study.state !== 'queued') return study;
    const reading = sealedCut(study.evaluationId === null ? study : await getEvaluation(tx, study.evaluationId));
    const total = await countConversions(tx, { fromAt: study.fromAt, toAt: study.toAt, before: reading.cutAt });
    return startStudy(tx, studyId, { ...reading, total });
  });
}

function sealedCut({ id, cutAt, epoch }: Pick<Study, 'id' | 'cutAt' | 'epoch'>): { cutAt: string; epoch: number } {
  if (cutAt === null || epoch === null)
    throw new DomainError('conflict', `The cut of ${id} is not sealed yet. Settle it first.`);
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

/**
 * Whether a shard goes on: a cancelled study is left as it is.
 * @throws DomainError `conflict` for one that has not begun, is done or failed
 */
export function isGoingOn({ id, state }: Study): boolean {
  if (state === 'running' || state === 'cancelled') return state === 'running';
  throw new DomainError('conflict', `Study ${id} is ${state}.`);
}

async function creditStep(tx: Tx, studyId: string, slice: Shard & { afterId: string }): Promise<string[]> {
  const study = await getStudy(tx, studyId);
  if (!isGoingOn(study)) return [];
  const ids = await conversionsToStudy(tx, study, { ...slice, limit: CONVERSIONS_PER_STEP });
  const draft = draftSpan(study);
  // What was sealed and executed since is not seen, so that a repeated study reads the same.
  const reading = { horizon: study.cutAt!, sealedAt: study.cutAt! };
  const spans = [...(await readPolicySpans(tx, reading)), draft];
  const facts = await loadCreditFacts(tx, ids, {
    ...reading,
    isEvidenceUnlimited: true,
    creditedUnder: [draft.policy],
  });
  const before = groupBy(await readCreditsAt(tx, ids, study.epoch!), ({ conversionId }) => conversionId);
  const parents = await loadParentShares(tx, study, facts, { draft, spans });
  const lines = facts.conversions.flatMap((conversion) => {
    if (policyInForce(spans, conversion.type, conversion.occurredAt) !== draft) return [];
    return linesOf({ facts, parents }, conversion.id, draft, before.get(conversion.id) ?? []);
  });
  await insertStudyLines(tx, studyId, lines);
  await countStudied(tx, studyId, ids.length);
  return ids;
}

/** Before and after of one conversion, per beneficiary. Both look at what remains after the refunds received before the cut. */
function linesOf(
  { facts, parents }: { facts: BatchFacts; parents: Map<string, ParentShares> },
  conversionId: string,
  draft: PolicyInForce,
  before: readonly StoredCredit[],
): StudyLine[] {
  const conversion = facts.byId.get(conversionId)!;
  const { remainingMinor } = decideRefunds(conversion, facts.refunds.get(conversionId) ?? []);
  const creditFacts = {
    conversion,
    remainingMinor,
    touchpoints: facts.journeys.get(conversionId) ?? [],
    history: parents.get(conversionId)?.history ?? facts.history,
  };
  const inherited = (side: 'evidence' | 'after') => parents.get(conversionId)?.[side] ?? null;
  const after = computeCredit({ ...creditFacts, parentCredits: inherited('after'), policy: draft.policy }).credits;
  // The rule in force on all evidence: where it differs from what stands, the difference is the evidence's, not the draft's.
  const rule = facts.rules.get(conversionId) ?? null;
  const evidenced = computeCredit({
    ...creditFacts,
    parentCredits: inherited('evidence'),
    policy: rule?.policy ?? null,
  }).credits;
  const keys = new Map(
    [...before, ...after, ...evidenced].map(({ beneficiary }) => [
      `${beneficiary.kind} ${beneficiary.id}`,
      beneficiary,
    ]),
  );
  return [...keys].map(([key, beneficiary]) => {
    const isOurs = (credit: { beneficiary: { kind: string; id: string } }) =>
      `${credit.beneficiary.kind} ${credit.beneficiary.id}` === key;
    const [was, is, evident] = [before, after, evidenced].map((credits) => partsOf(credits.filter(isOurs))) as [
      ChannelPart[],
      ChannelPart[],
      ChannelPart[],
    ];
    const isSame = JSON.stringify(was) === JSON.stringify(evident);
    return {
      conversionId,
      beneficiaryKind: beneficiary.kind,
      beneficiaryId: beneficiary.id,
      shareBeforeE12: sum(was, 'shareE12'),
      shareAfterE12: sum(is, 'shareE12'),
      valueBeforeMinor: sum(was, 'minor'),
      valueAfterMinor: sum(is, 'minor'),
      valueCurrency: conversion.currency,
      evidence: isSame ? null : { shareE12: sum(evident, 'shareE12'), minor: sum(evident, 'minor'), channels: evident },
      before: was,
      after: is,
    };
  });
}

function partsOf(credits: readonly { channel: string; shareE12: number; minor: number }[]): ChannelPart[] {
  return credits
    .map(({ channel, shareE12, minor }) => ({ channel, shareE12, minor }))
    .sort((a, b) => compareText(a.channel, b.channel));
}

function sum(credits: readonly { shareE12: number; minor: number }[], field: 'shareE12' | 'minor'): number {
  return credits.reduce((total, credit) => total + credit[field], 0);
}
