import type { NoWeightReason } from '../../domain/attribution/journey.ts';
import type { WeighedStep } from '../../domain/attribution/credit.ts';
import type { MatchedMultiplier } from '../../domain/attribution/multipliers.ts';
import { multiplierWords } from '../../domain/attribution/policy-words.ts';
import { partnersOf } from '../../domain/attribution/touchpoint.ts';
import { readConversionStates } from '../queries/credit.ts';
import type { StoredCredit } from '../queries/credit.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import { readClock } from '../queries/program-clock.ts';
import { findWaitingConversions } from '../queries/waiting-work.ts';
import type { Tx } from '../transaction.ts';
import { contractNote } from './contract-note.ts';
import type { ContractNote } from './contract-note.ts';
import { computeCredit, isSameShare, storedCredits, toStoredCredits } from './conversion-credit.ts';
import type { CreditFacts } from './conversion-credit.ts';
import { loadCreditFacts } from './credit-facts.ts';
import type { BatchFacts } from './credit-facts.ts';
import { readLateTouchpoints } from './late-evidence.ts';
import type { LateReason, LateTouchpoints } from './late-evidence.ts';
import { computeLongCredit } from './long-credit.ts';
import { decideRefunds } from './refund-limits.ts';
import { readRuleNames } from './rule-names.ts';
import type { Named } from './rule-names.ts';

/** One touchpoint that was seen, with its share of the conversion or the reason why none, and its partner's contract. */
export interface ExplainedTouchpoint extends ContractNote {
  id: string;
  channel: string;
  partnerId: string | null;
  kind: string;
  occurredAt: string;
  receivedAt: string;
  weight: number;
  /** The product of the multipliers that match it; 1 where it has no weight. */
  factor: number;
  /** Those multipliers in written order, each in plain words. */
  multipliers: (MatchedMultiplier & { text: string })[];
  reason?: NoWeightReason;
}

export interface Explanation {
  policyId: string | null;
  evaluationId: string | null;
  /** The parent whose shares it has, so that no touchpoint of its own has weight; null where its own journey decides. */
  inheritedFrom: string | null;
  /** Why it has not the shares of the parent that it names: those above it make a circle, or are more than 100. */
  notInherited: 'endless-parents' | null;
  touchpoints: ExplainedTouchpoint[];
  /**
   * Touchpoints that came, or were found to be of the same person, after the lock: they count in the next re-evaluation only. And those of
   * another person since a merge was taken back after the lock: they count until then.
   */
  lateEvidence: (SeenTouchpoint & { reason: LateReason })[];
  /** The contracts by which partners have the stored credit, by the partner's id. */
  contracts: ReadonlyMap<string, ContractNote>;
  /** Touchpoints that are not listed, because there are too many: the person's within the lookback, at least. */
  moreTouchpoints: number;
  moreLateEvidence: number;
  /** Whether credit computed again from facts is the credit that is stored; null before the first, while facts wait for the feed, and where it was left out. */
  isReproduced: boolean | null;
  /** The journey is too long for what was asked: nothing was computed. */
  isLeftOut: boolean;
  ageFault: 'too-soon' | 'too-late' | null;
}

export interface ExplanationOptions {
  /** How long journeys are worked on that do not fit into memory with the others; the rest is left out. */
  longMs: number;
  /** Touchpoints that are listed of such a journey, the newest. */
  listed: number;
  /** Without it no evidence is read that does not count. */
  withLateEvidence: boolean;
  /** Touchpoints that are held as objects; for tests. */
  mostTouchpoints?: number;
}

/** Touchpoints of a batch that are held as objects; the whole past of its persons is read, twice with what came late. */
const MOST_TOUCHPOINTS = 30_000;

/** Only whether the credit is what its facts give, and whether its age is a fault. */
export const CREDIT_ALONE: ExplanationOptions = { longMs: Infinity, listed: 0, withLateEvidence: false };
/** A page of conversions is no place for a journey of a million touchpoints: each is explained by itself. */
const OF_MANY: ExplanationOptions = { longMs: 0, listed: 0, withLateEvidence: true };
const OF_ONE: ExplanationOptions = { longMs: Infinity, listed: 1_000, withLateEvidence: true };

/**
 * Explains the credit of a conversion, computed again from stored facts and compared with what is stored.
 * Facts that the feed has not looked at yet are seen already; that the credit lags behind them is no difference.
 */
export async function explainConversion(tx: Tx, conversionId: string): Promise<Explanation | null> {
  const [explained] = (await explainConversions(tx, [conversionId], OF_ONE)).values();
  return explained ?? null;
}

/** As `explainConversion`, for many, set by set. */
export async function explainConversions(
  tx: Tx,
  ids: readonly string[],
  options: ExplanationOptions = OF_MANY,
): Promise<Map<string, Explanation>> {
  const clock = await readClock(tx);
  const { mostTouchpoints = MOST_TOUCHPOINTS } = options;
  const reading = { ...clock, mostTouchpoints };
  const facts = await loadCreditFacts(tx, ids, reading);
  const late = options.withLateEvidence
    ? await readLateTouchpoints(tx, facts, reading, options)
    : new Map<string, LateTouchpoints>();
  const states = new Map((await readConversionStates(tx, ids)).map((state) => [state.conversionId, state]));
  const names = await readRuleNames(
    tx,
    [...facts.rules.values()].map((rule) => rule?.policy),
  );
  const began = performance.now();
  const explanations = new Map<string, Explanation>();
  for (const { id } of facts.conversions) {
    const generation = states.get(id)?.generation ?? 0;
    const creditFacts = { ...creditFactsOf(facts, id), names };
    const isLate = performance.now() - began >= options.longMs;
    const credit = facts.left.has(id)
      ? await longCredit(tx, facts, creditFacts, isLate ? null : options.listed)
      : plainCredit(creditFacts);
    const rule = facts.rules.get(id) ?? null;
    const { touchpoints = [], more = 0 } = late.get(id) ?? {};
    const { stored, isInherited, ...rest } = credit;
    const isStored =
      stored === null || generation === 0 ? null : isSameShare(facts.credits.get(id) ?? [], stored(generation, rule));
    explanations.set(id, {
      policyId: rule?.policyId ?? null,
      evaluationId: rule?.evaluationId ?? null,
      inheritedFrom: isInherited ? facts.parentCredits.get(id)![0]!.conversionId : null,
      notInherited: facts.endless.has(id) ? 'endless-parents' : null,
      ...rest,
      contracts: contractsOf(facts.credits.get(id) ?? [], creditFacts),
      lateEvidence: touchpoints.map((touchpoint) => ({ ...shown(touchpoint), reason: touchpoint.reason })),
      moreLateEvidence: more,
      isReproduced: isStored,
      isLeftOut: stored === null,
    });
  }
  await excuseWaiting(tx, explanations, clock.horizon);
  return explanations;
}

async function excuseWaiting(tx: Tx, explanations: Map<string, Explanation>, horizon: string): Promise<void> {
  const different = [...explanations].flatMap(([id, { isReproduced }]) => (isReproduced === false ? [id] : []));
  for (const id of await findWaitingConversions(tx, different, horizon)) explanations.get(id)!.isReproduced = null;
}

type Computed = Pick<Explanation, 'touchpoints' | 'moreTouchpoints' | 'ageFault'> & {
  isInherited: boolean;
  /** The credits as they would be stored; null: they were not computed. */
  stored: ((generation: number, rule: PolicyInForce | null) => StoredCredit[]) | null;
};

function plainCredit(facts: CreditFacts & Named): Computed {
  const computed = computeCredit(facts);
  const known = new Map(facts.touchpoints.map((touchpoint) => [touchpoint.id, touchpoint]));
  return {
    touchpoints: explainSteps(computed.touchpoints, known, facts),
    moreTouchpoints: 0,
    ageFault: computed.ageFault,
    isInherited: computed.isInherited,
    stored: (generation, rule) => toStoredCredits(facts, computed, generation, rule),
  };
}

/** @param listed null: there is no time for it */
async function longCredit(
  tx: Tx,
  facts: BatchFacts,
  creditFacts: CreditFacts & Named,
  listed: number | null,
): Promise<Computed> {
  const left = facts.left.get(creditFacts.conversion.id)!;
  const credit = listed === null ? null : await computeLongCredit(tx, creditFacts, left, listed);
  if (credit === null)
    return { touchpoints: [], moreTouchpoints: left.atLeast, ageFault: null, isInherited: false, stored: null };
  return {
    touchpoints: explainSteps(credit.touchpoints, credit.known, { ...creditFacts, history: credit.history }),
    moreTouchpoints: credit.count - credit.touchpoints.length,
    ageFault: credit.ageFault,
    isInherited: credit.isInherited,
    stored: (generation, rule) => storedCredits(creditFacts.conversion, credit.credits, generation, rule),
  };
}

/** The steps of a journey with what is known of their touchpoints. */
export function explainSteps(
  steps: readonly WeighedStep[],
  known: ReadonlyMap<string, SeenTouchpoint>,
  { history, conversion, policy, names }: Pick<CreditFacts, 'history' | 'conversion' | 'policy'> & Named,
): ExplainedTouchpoint[] {
  const inWords = (matched: MatchedMultiplier) => ({
    ...matched,
    text: multiplierWords(policy!.multipliers[matched.index]!, names),
  });
  return steps.map(({ id, weight, factor, multipliers, reason }) => {
    const touchpoint = shown(known.get(id)!);
    return {
      ...touchpoint,
      ...contractNote(history, touchpoint.partnerId, conversion.occurredAt),
      weight,
      factor,
      multipliers: multipliers.map(inWords),
      ...(reason === null ? {} : { reason }),
    };
  });
}

function contractsOf(credits: readonly StoredCredit[], { history, conversion }: CreditFacts) {
  const partners = partnersOf(credits);
  return new Map(partners.map((id) => [id, contractNote(history, id, conversion.occurredAt)]));
}

/** The facts of one conversion out of a batch. */
export function creditFactsOf(facts: BatchFacts, id: string): CreditFacts {
  const conversion = facts.byId.get(id)!;
  return {
    conversion,
    remainingMinor: decideRefunds(conversion, facts.refunds.get(id) ?? []).remainingMinor,
    touchpoints: facts.journeys.get(id) ?? [],
    policy: facts.rules.get(id)?.policy ?? null,
    parentCredits: facts.parentCredits.get(id) ?? null,
    history: facts.history,
  };
}

function shown({ id, channel, partnerId, kind, occurredAt, receivedAt }: SeenTouchpoint): SeenTouchpoint {
  return { id, channel, partnerId, kind, occurredAt, receivedAt };
}

type SeenTouchpoint = Pick<ExplainedTouchpoint, 'id' | 'channel' | 'partnerId' | 'kind' | 'occurredAt' | 'receivedAt'>;
