import { lockConversions } from '../../db/locks.ts';
import { queueIntakeWork } from '../../db/intake/work.ts';
import { listGoodwillPairs } from '../../db/queries/commission.ts';
import { insertRefundDecisions } from '../../db/queries/conversion-facts.ts';
import type { ConversionFact } from '../../db/queries/conversion-facts.ts';
import { readCreditsInForce, updateConversionStates } from '../../db/queries/credit.ts';
import type { ConversionState, StoredCredit } from '../../db/queries/credit.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { childrenOf } from '../../db/queries/feed-scope.ts';
import { assertHorizon } from '../../db/queries/program-clock.ts';
import type { ProgramClock } from '../../db/queries/program-clock.ts';
import { queueCommissionWork } from '../../db/queries/work-queue.ts';
import type { IntakeWorkRow, NewCommissionWork } from '../../db/queries/work-queue.ts';
import { findOpenWindows } from '../../db/queries/window.ts';
import type { Tx } from '../../db/transaction.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { addDescendants, parentsFirst } from '../../domain/attribution/parents-first.ts';
import { partnersOf } from '../../domain/attribution/touchpoint.ts';
import { insertCredits } from '../../db/attribution/columns/write-credits.ts';
import { computeCredit, isSameCredit, storedCredits, toStoredCredits } from '../../db/attribution/conversion-credit.ts';
import { loadCreditFacts } from '../../db/attribution/credit-facts.ts';
import { groupBy } from '../../db/attribution/group-by.ts';
import { isBefore, isFrozen } from '../../db/attribution/evidence-limit.ts';
import { creditFactsOf } from '../../db/attribution/explanation.ts';
import type { BatchFacts } from '../../db/attribution/credit-facts.ts';
import { decideRefunds } from '../../db/attribution/refund-limits.ts';
import { creditLeft, LEFT_MS } from './feed-left.ts';
import type { LeftCredits } from './feed-left.ts';
import { takeFeedWork } from './feed-take.ts';
import { evaluationPairs, putOff, queueRest, scopeOf } from './feed-work.ts';
import type { FeedDone } from './feed-work.ts';
import { NoOpenWindow } from './no-open-window.ts';
import { currentWorkflow } from '../workflow-context.ts';

/** Work rows of one transaction. */
export const WORK_PER_STEP = 300;
/** Rows that a step takes beyond these when the one before it put as many off: they are the oldest, and must not hold up all others. */
const MOST_PUT_OFF = 2_000;

export interface StepResult {
  /** Work rows consumed; 0: nothing is left before the horizon. */
  taken: number;
  /** Conversions or pairs whose result changed. */
  changed: number;
}

export interface FeedStepResult extends StepResult {
  /** Conversions that went back to the queue, because their journeys are too long for one step. */
  putOff: number;
}

export interface FeedStepOptions {
  /** Only this row. */
  only?: number | undefined;
  /** What the step before this one put off. */
  putOff?: number;
  /** Touchpoints that are held as objects; for tests. */
  mostTouchpoints?: number;
  /** How long the step works on journeys that are not; for tests. */
  leftMs?: number;
}

/**
 * One step of the feed: takes work, locks its conversions, reads facts received before the horizon, and writes a new generation of credits
 * where they differ, with the poster's work for old and new beneficiaries. Twice writes nothing.
 */
export async function feedStep(tx: Tx, at: string, options: FeedStepOptions = {}): Promise<FeedStepResult> {
  const limit = WORK_PER_STEP + Math.min(options.putOff ?? 0, MOST_PUT_OFF);
  const { clock, work } = await takeFeedWork(tx, { limit, seq: options.only });
  if (work.length === 0) return { taken: 0, changed: 0, putOff: 0 };
  const scope = await scopeOf(tx, work, clock);
  await lockConversions(tx, [...scope.conversionIds].sort());
  const { mostTouchpoints, leftMs = LEFT_MS } = options;
  const reading = { ...clock, creditedUnder: [], ...(mostTouchpoints === undefined ? {} : { mostTouchpoints }) };
  const facts = await loadCreditFacts(tx, [...scope.conversionIds], reading);
  const left = await creditLeft(tx, facts, { isAlone: work.length === 1, leftMs });
  addDescendants(left.later, facts.conversions);
  // Renewals of these are credited in this step, by the contracts of partners whom only a journey that was left names.
  const partners = [...left.credited.values()].flatMap(({ credits }) => partnersOf(credits));
  facts.history = await facts.history.including(tx, partners, clock.horizon);
  const done = putOff(scope, left.later, new Map(facts.conversions.map(({ id, occurredAt }) => [id, occurredAt])));
  const again = [...left.beyond, ...[...left.later].filter((id) => scope.named.has(id))];
  await queueRest(tx, done, again, receivedFirst(work));
  const changed = await writeCredits(tx, { facts, left }, clock, done, receivedLast(work));
  await queueCommissionWork(tx, await evaluationPairs(tx, done));
  if (changed > 0) {
    await recordEvent(tx, {
      kind: 'conversion.credited',
      actor: SYSTEM,
      at,
      subject: { type: 'program', id: tx.programId },
      data: { conversions: changed },
      workflow: currentWorkflow(),
    });
  }
  await assertHorizon(tx, clock.horizon);
  return { taken: work.length, changed, putOff: done.putOff };
}

async function writeCredits(
  tx: Tx,
  { facts, left }: { facts: BatchFacts; left: LeftCredits },
  clock: ProgramClock,
  done: FeedDone,
  receivedAt: string,
): Promise<number> {
  // A renewal inherits what its parent has after this step.
  const conversions = parentsFirst(facts.conversions.filter(({ id }) => done.conversionIds.has(id)));
  const children = groupBy(
    conversions.filter(({ id, parentExternalId }) => parentExternalId !== null && !facts.endless.has(id)),
    ({ parentExternalId }) => parentExternalId!,
  );
  const upToDate = new Set<string>();
  const states: ConversionState[] = [];
  const credits: StoredCredit[] = [];
  const work: NewCommissionWork[] = [];
  const changed: string[] = [];
  const outcomes = conversions.map((conversion) => decideRefunds(conversion, facts.refunds.get(conversion.id) ?? []));
  await insertRefundDecisions(
    tx,
    outcomes.flatMap(({ decisions }) => decisions),
  );

  for (const [index, conversion] of conversions.entries()) {
    const before = facts.credits.get(conversion.id) ?? [];
    if (left.beyond.has(conversion.id)) {
      // Nobody can tell its credit; what stands may still be worth something else.
      if (done.repriced.has(conversion.id)) work.push(...pairsOf(conversion.id, before, receivedAt));
      continue;
    }
    const state = facts.states.get(conversion.id);
    const { remainingMinor } = outcomes[index]!;
    const rule = facts.rules.get(conversion.id) ?? null;
    const creditFacts = creditFactsOf(facts, conversion.id);
    const generation = (state?.generation ?? 0) + 1;
    const long = facts.parentCredits.has(conversion.id) ? undefined : left.credited.get(conversion.id);
    const after = long
      ? storedCredits(conversion, long.credits, generation, rule)
      : toStoredCredits(creditFacts, computeCredit(creditFacts), generation, rule);
    const isChanged =
      state?.generation === 0 || state?.remainingMinor !== remainingMinor || !isSameCredit(before, after);
    for (const { id } of children.get(conversion.externalId) ?? []) {
      if (!facts.lockedHeirs.has(id)) facts.parentCredits.set(id, after);
      upToDate.add(id);
    }
    if (isChanged) {
      credits.push(...after);
      changed.push(conversion.id);
    }
    states.push({
      conversionId: conversion.id,
      generation: isChanged ? generation : state.generation,
      policyId: rule?.policyId ?? null,
      evaluationId: rule?.evaluationId ?? null,
      remainingMinor,
      locksAt: state?.locksAt ?? null,
    });
    if (isChanged || done.repriced.has(conversion.id))
      work.push(...pairsOf(conversion.id, [...before, ...after], receivedAt));
  }
  await insertCredits(tx, credits, clock.epoch);
  await setLocks(tx, facts, states, credits, clock);
  await updateConversionStates(tx, states, clock.epoch);
  const heirs = changed.length === 0 ? [] : await childrenOf(tx, changed, clock.horizon);
  await queueIntakeWork(
    tx,
    heirs.filter((id) => !upToDate.has(id)).map((conversionId) => ({ kind: 'conversion' as const, conversionId })),
    receivedAt,
  );
  // A parent decides more than shares: from it a renewal counts its months, which rules may ask for.
  const heirCredits = heirs.length === 0 ? [] : await readCreditsInForce(tx, heirs);
  for (const [id, own] of groupBy(heirCredits, ({ conversionId }) => conversionId))
    work.push(...pairsOf(id, own, receivedAt));
  work.push(...(await givenGoodwill(tx, { conversions, outcomes, facts }, receivedAt)));
  await queueCommissionWork(tx, work);
  return changed.length;
}

/** Partners without a part of it any more may have goodwill of a sale that is wholly given back. */
async function givenGoodwill(
  tx: Tx,
  {
    conversions,
    outcomes,
    facts,
  }: { conversions: readonly ConversionFact[]; outcomes: readonly { remainingMinor: number }[]; facts: BatchFacts },
  receivedAt: string,
): Promise<NewCommissionWork[]> {
  const isGivenBack = ({ id }: ConversionFact, index: number) =>
    outcomes[index]!.remainingMinor === 0 && (facts.states.get(id)?.remainingMinor ?? 0) !== 0;
  const pairs = await listGoodwillPairs(
    tx,
    conversions.filter(isGivenBack).map(({ id }) => id),
  );
  return pairs.map((pair) => ({ ...pair, receivedAt }));
}

function pairsOf(conversionId: string, credits: readonly StoredCredit[], receivedAt: string): NewCommissionWork[] {
  return [...new Set(partnersOf(credits))].map((partnerId) => ({ partnerId, conversionId, receivedAt }));
}

/**
 * The lock of a conversion: the earliest, over its beneficiaries, of their first window from the window of origin on that is not locked;
 * without a partner the program's own. Once sealed it is frozen.
 * @throws NoOpenWindow
 */
async function setLocks(
  tx: Tx,
  facts: BatchFacts,
  states: ConversionState[],
  fresh: readonly StoredCredit[],
  clock: ProgramClock,
): Promise<void> {
  const newest = new Map(facts.credits);
  for (const credit of fresh)
    if (facts.credits.get(credit.conversionId)?.[0]?.generation !== credit.generation)
      newest.set(credit.conversionId, []);
  for (const credit of fresh) newest.get(credit.conversionId)!.push(credit);
  const open = states.filter((state) => !isFrozen(state, clock.sealedAt));
  const occurredAt = new Map(facts.conversions.map((conversion) => [conversion.id, conversion.occurredAt]));
  const questions = open.flatMap(({ conversionId }) => {
    const partners = new Set(partnersOf(newest.get(conversionId) ?? []));
    const holders: (string | null)[] = partners.size > 0 ? [...partners] : [null];
    return holders.map((partnerId) => ({
      key: `${conversionId} ${partnerId ?? ''}`,
      partnerId,
      at: occurredAt.get(conversionId)!,
    }));
  });
  const windows = await findOpenWindows(tx, questions, clock.sealedAt);
  // A partner whose contract ended and who is credited in its tail: the calendar goes on. Without any contract there is none.
  const homeless = questions.flatMap(({ key, partnerId, at }) =>
    partnerId !== null && !windows.has(key) && facts.history.contractAt(partnerId, at) !== null ? [partnerId] : [],
  );
  if (homeless.length > 0) throw new NoOpenWindow([...new Set(homeless)]);
  const locks = new Map<string, string>();
  for (const [key, { locksAt }] of windows) {
    const conversionId = key.slice(0, key.indexOf(' '));
    const known = locks.get(conversionId);
    if (known === undefined || isBefore(locksAt, known)) locks.set(conversionId, locksAt);
  }
  for (const state of open) state.locksAt = locks.get(state.conversionId) ?? null;
}

function receivedFirst(work: readonly IntakeWorkRow[]): string {
  return work.map(({ receivedAt }) => receivedAt).reduce((first, next) => (isBefore(next, first) ? next : first));
}

function receivedLast(work: readonly IntakeWorkRow[]): string {
  return work.map(({ receivedAt }) => receivedAt).reduce((last, next) => (isBefore(last, next) ? next : last));
}
