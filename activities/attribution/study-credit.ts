import type { Pool } from '../../db/pool.ts';
import { readPolicySpans } from '../../db/queries/policy-period.ts';
import type { PolicyInForce } from '../../db/queries/policy-period.ts';
import {
  conversionsToStudy,
  countConversions,
  countStudied,
  getStudy,
  heirsOutside,
  startStudy,
} from '../../db/queries/study.ts';
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
import type { Credit } from '../../domain/attribution/split.ts';
import { DomainError } from '../../domain/errors.ts';
import { creditBatch } from '../../db/attribution/columns/batch-credit.ts';
import type { CreditFacts } from '../../db/attribution/conversion-credit.ts';
import { loadCreditFacts } from '../../db/attribution/credit-facts.ts';
import { groupBy } from '../../db/attribution/group-by.ts';
import type { BatchFacts } from '../../db/attribution/credit-facts.ts';
import { creditsOfEither } from '../../db/attribution/long-credit.ts';
import { isStudied, loadParentShares, movesWith } from '../../db/attribution/study-parents.ts';
import type { ParentShares, StudiedRules } from '../../db/attribution/study-parents.ts';
import { draftSpan } from '../../db/attribution/study-rules.ts';
import { decideRefunds } from '../../db/attribution/refund-limits.ts';
import type { DrainOptions } from './drain.ts';

/** One transaction: large enough that reading in columns pays, short enough to be repeated when a worker dies. */
const CONVERSIONS_PER_STEP = 2_000;
/** The same where their journeys are too many for memory, and how long such a step works on long ones. */
const LONG_PER_STEP = 100;
const LONG_MS = 5_000;

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
  if (ids.length === 0) return [];
  const draft = draftSpan(study);
  // What was sealed and executed since is not seen, so that a repeated study reads the same.
  const spans = await readPolicySpans(tx, { horizon: study.cutAt!, sealedAt: study.cutAt! });
  const before = groupBy(await readCreditsAt(tx, ids, study.epoch!), ({ conversionId }) => conversionId);
  const rules = { draft, inForce: spans, spans: [...spans, draft] };
  const sides =
    (await quickSides(tx, study, ids, rules)) ?? (await sidesInPart(tx, study, ids.slice(0, LONG_PER_STEP), rules));
  const done = ids.slice(0, sides.done);
  await insertStudyLines(
    tx,
    studyId,
    sides.sides.flatMap((side) => linesOf(side, before.get(side.conversionId) ?? [])),
  );
  await creditHeirs(tx, study, await heirsOutside(tx, study, done), rules);
  await countStudied(tx, studyId, done.length);
  return done;
}

/** Open renewals outside the range have the new shares of their parents as soon as the study is carried out: they are lines of it. */
async function creditHeirs(tx: Tx, study: Study, ids: readonly string[], rules: StepRules): Promise<void> {
  for (let from = 0; from < ids.length; from += CONVERSIONS_PER_STEP) {
    const slice = ids.slice(from, from + CONVERSIONS_PER_STEP);
    const before = groupBy(await readCreditsAt(tx, slice, study.epoch!), ({ conversionId }) => conversionId);
    const { sides } = await sidesInPart(tx, study, slice, rules, Infinity);
    const lines = sides.flatMap((side) => linesOf(side, before.get(side.conversionId) ?? []));
    await insertStudyLines(tx, study.id, lines);
  }
}

type Part = Pick<Credit, 'beneficiary' | 'channel' | 'shareE12' | 'minor'>;

/** A conversion that the draft is in force for, or that moves with its parent, on all evidence: under the draft, and under the rule that stands. */
interface Sides {
  conversionId: string;
  currency: string;
  after: readonly Part[];
  evidenced: readonly Part[];
}

interface StepRules extends StudiedRules {
  /** Without the draft. */
  inForce: readonly PolicyInForce[];
}

/** The sides of the first `done` conversions of a step; some of them are not studied and have none. */
interface StepSides {
  sides: Sides[];
  done: number;
}

/**
 * Nearly all conversions are credited in columns; those with a parent or a withdrawn consent one by one.
 * @returns null where their journeys are too many for memory
 */
async function quickSides(tx: Tx, study: Study, ids: readonly string[], rules: StepRules): Promise<StepSides | null> {
  const { draft, inForce, spans } = rules;
  const horizon = study.cutAt!;
  const scopes = ids.map((conversionId) => ({ conversionId, before: horizon }));
  const policies = spans.map(({ policy }) => policy);
  const batch = await creditBatch(tx, scopes, horizon, policies, ({ type, occurredAt }) =>
    isStudied(rules, { type, occurredAt })
      ? [draft.policy, policyInForce(inForce, type, occurredAt)?.policy ?? null]
      : [],
  );
  if (batch === null) return null;
  const quick = batch.credited.flatMap(({ id, currency, credits: [after, evidenced] }) =>
    after && evidenced ? [{ conversionId: id, currency, after, evidenced }] : [],
  );
  if (batch.special.length === 0) return { sides: quick, done: ids.length };
  const special = await sidesInPart(tx, study, batch.special, rules);
  if (special.done === batch.special.length) return { sides: [...quick, ...special.sides], done: ids.length };
  // What follows the first special one that there was no time for is studied by the next step.
  const done = ids.indexOf(batch.special[special.done]!);
  const isDone = new Set(ids.slice(0, done));
  return { sides: [...quick, ...special.sides].filter(({ conversionId }) => isDone.has(conversionId)), done };
}

/** The sides of conversions one by one, as many from the first on as there is time for. @param ids ascending */
async function sidesInPart(
  tx: Tx,
  study: Study,
  ids: readonly string[],
  rules: StepRules,
  longMs = LONG_MS,
): Promise<StepSides> {
  const { draft } = rules;
  const horizon = study.cutAt!;
  const reading = { horizon, sealedAt: horizon, isEvidenceUnlimited: true, creditedUnder: [draft.policy] };
  const facts = await loadCreditFacts(tx, ids, reading);
  const parents = await loadParentShares(tx, study, facts, rules);
  const began = performance.now();
  const sides: Sides[] = [];
  for (const [done, id] of ids.entries()) {
    if (facts.left.has(id) && done > 0 && performance.now() - began > longMs) return { sides, done };
    const conversion = facts.byId.get(id);
    if (!conversion) continue;
    const isCovered = isStudied(rules, conversion);
    const moves = movesWith(study, rules, conversion, { states: facts.states, above: parents.get(id) });
    if (moves)
      sides.push(await plainSides(tx, { facts, parents }, id, isCovered ? draft : (facts.rules.get(id) ?? null)));
  }
  return { sides, done: ids.length };
}

async function plainSides(
  tx: Tx,
  { facts, parents }: { facts: BatchFacts; parents: Map<string, ParentShares> },
  conversionId: string,
  then: PolicyInForce | null,
): Promise<Sides> {
  const conversion = facts.byId.get(conversionId)!;
  const { remainingMinor } = decideRefunds(conversion, facts.refunds.get(conversionId) ?? []);
  const creditFacts = {
    conversion,
    remainingMinor,
    touchpoints: facts.journeys.get(conversionId) ?? [],
    history: parents.get(conversionId)?.history ?? facts.history,
  };
  const inherited = (side: 'evidence' | 'after') => parents.get(conversionId)?.[side] ?? null;
  const policy = facts.rules.get(conversionId)?.policy ?? null;
  const left = facts.left.get(conversionId);
  const creditsOf = (more: Pick<CreditFacts, 'policy' | 'parentCredits'>) =>
    creditsOfEither(tx, { ...creditFacts, ...more }, left);
  return {
    conversionId,
    currency: conversion.currency,
    after: await creditsOf({ parentCredits: inherited('after'), policy: then?.policy ?? null }),
    evidenced: await creditsOf({ parentCredits: inherited('evidence'), policy }),
  };
}

/**
 * Before and after of one conversion, per beneficiary. Both look at what remains after the refunds received before the cut. Where the rule in
 * force on all evidence gives something else than what stands, the difference is the evidence's, not the draft's.
 */
function linesOf({ conversionId, currency, after, evidenced }: Sides, before: readonly StoredCredit[]): StudyLine[] {
  const keys = new Map(
    [...before, ...after, ...evidenced].map(({ beneficiary }) => [
      `${beneficiary.kind} ${beneficiary.id}`,
      beneficiary,
    ]),
  );
  return [...keys].map(([key, beneficiary]) => {
    const isOurs = ({ beneficiary: own }: Part) => `${own.kind} ${own.id}` === key;
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
      valueCurrency: currency,
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
