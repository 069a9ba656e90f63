import type { NoWeightReason } from '../../domain/attribution/journey.ts';
import type { WeighedStep } from '../../domain/attribution/credit.ts';
import { readConversionStates } from '../queries/credit.ts';
import type { StoredCredit } from '../queries/credit.ts';
import { readClock } from '../queries/program-clock.ts';
import { findWaitingConversions } from '../queries/waiting-work.ts';
import type { Tx } from '../transaction.ts';
import { contractNote } from './contract-note.ts';
import type { ContractNote } from './contract-note.ts';
import { computeCredit, isSameCredit, toStoredCredits } from './conversion-credit.ts';
import type { CreditFacts } from './conversion-credit.ts';
import { evidenceLimit, isFrozen, loadCreditFacts } from './credit-facts.ts';
import type { BatchFacts, Reading } from './credit-facts.ts';
import { lateTouchpoints } from './late-evidence.ts';
import type { LateReason } from './late-evidence.ts';
import { decideRefunds } from './refund-limits.ts';

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
  reason?: NoWeightReason;
}

export interface Explanation {
  policyId: string | null;
  evaluationId: string | null;
  /** The parent whose shares it has, so that no touchpoint of its own has weight; null where its own journey decides. */
  inheritedFrom: string | null;
  touchpoints: ExplainedTouchpoint[];
  /**
   * Touchpoints that came, or were found to be of the same person, after the lock: they count in the next re-evaluation only. And those of
   * another person since a merge was taken back after the lock: they count until then.
   */
  lateEvidence: (SeenTouchpoint & { reason: LateReason })[];
  /** The contracts by which partners have the stored credit, by the partner's id. */
  contracts: ReadonlyMap<string, ContractNote>;
  /** Whether credit computed again from facts is the credit that is stored; null before the first, and while facts wait for the feed. */
  isReproduced: boolean | null;
  ageFault: 'too-soon' | 'too-late' | null;
}

/**
 * Explains the credit of a conversion, computed again from stored facts and compared with what is stored.
 * Facts that the feed has not looked at yet are seen already; that the credit lags behind them is no difference.
 */
export async function explainConversion(tx: Tx, conversionId: string): Promise<Explanation | null> {
  const [explained] = (await explainConversions(tx, [conversionId])).values();
  return explained ?? null;
}

/** As `explainConversion`, for many, set by set. */
export async function explainConversions(tx: Tx, ids: readonly string[]): Promise<Map<string, Explanation>> {
  const clock = await readClock(tx);
  const facts = await loadCreditFacts(tx, ids, clock);
  const evidence = await loadCreditFacts(tx, ids, { ...clock, horizon: 'infinity', isEvidenceUnlimited: true });
  const states = new Map((await readConversionStates(tx, ids)).map((state) => [state.conversionId, state]));
  const explanations = new Map(
    facts.conversions.map((conversion) => [
      conversion.id,
      explain(facts, evidence, conversion.id, clock, states.get(conversion.id)?.generation ?? 0),
    ]),
  );
  await excuseWaiting(tx, explanations, clock.horizon);
  return explanations;
}

async function excuseWaiting(tx: Tx, explanations: Map<string, Explanation>, horizon: string): Promise<void> {
  const different = [...explanations].flatMap(([id, { isReproduced }]) => (isReproduced === false ? [id] : []));
  for (const id of await findWaitingConversions(tx, different, horizon)) explanations.get(id)!.isReproduced = null;
}

function explain(
  facts: BatchFacts,
  evidence: BatchFacts,
  id: string,
  reading: Reading,
  generation: number,
): Explanation {
  const creditFacts = creditFactsOf(facts, id, reading.sealedAt);
  const computed = computeCredit(creditFacts);
  const rule = facts.rules.get(id) ?? null;
  const known = new Map(creditFacts.touchpoints.map((touchpoint) => [touchpoint.id, touchpoint]));
  const stored = facts.credits.get(id) ?? [];
  const limit = evidenceLimit(facts.states.get(id), rule, reading);
  const late = lateTouchpoints(creditFacts.touchpoints, evidence.journeys.get(id) ?? [], limit);
  return {
    policyId: rule?.policyId ?? null,
    evaluationId: rule?.evaluationId ?? null,
    inheritedFrom: computed.isInherited ? facts.parentCredits.get(id)![0]!.conversionId : null,
    ageFault: computed.ageFault,
    touchpoints: explainSteps(computed.touchpoints, known, creditFacts),
    contracts: contractsOf(stored, creditFacts),
    lateEvidence: late.map((touchpoint) => ({ ...shown(touchpoint), reason: touchpoint.reason })),
    isReproduced:
      generation === 0 ? null : isSameCredit(stored, toStoredCredits(creditFacts, computed, generation, rule)),
  };
}

/** The steps of a journey with what is known of their touchpoints. */
export function explainSteps(
  steps: readonly WeighedStep[],
  known: ReadonlyMap<string, SeenTouchpoint>,
  { history, conversion }: Pick<CreditFacts, 'history' | 'conversion'>,
): ExplainedTouchpoint[] {
  return steps.map(({ id, weight, factor, reason }) => {
    const touchpoint = shown(known.get(id)!);
    return {
      ...touchpoint,
      ...contractNote(history, touchpoint.partnerId, conversion.occurredAt),
      weight,
      factor,
      ...(reason === null ? {} : { reason }),
    };
  });
}

function contractsOf(credits: readonly StoredCredit[], { history, conversion }: CreditFacts) {
  const partners = credits.flatMap(({ beneficiary }) => (beneficiary.kind === 'partner' ? [beneficiary.id] : []));
  return new Map(partners.map((id) => [id, contractNote(history, id, conversion.occurredAt)]));
}

/** The facts of one conversion out of a batch. */
export function creditFactsOf(facts: BatchFacts, id: string, sealedAt: string): CreditFacts {
  const conversion = facts.byId.get(id)!;
  return {
    conversion,
    remainingMinor: decideRefunds(conversion, facts.refunds.get(id) ?? []).remainingMinor,
    touchpoints: facts.journeys.get(id) ?? [],
    policy: facts.rules.get(id)?.policy ?? null,
    parentCredits: inheritedCredits(facts, id, sealedAt),
    history: facts.history,
  };
}

/** A locked child keeps the shares that it has, whatever becomes of its parent, until an evaluation covers it. */
function inheritedCredits(facts: BatchFacts, id: string, sealedAt: string): CreditFacts['parentCredits'] {
  const parent = facts.parentCredits.get(id);
  if (!parent) return null;
  const state = facts.states.get(id);
  const isCovered = (facts.rules.get(id)?.evaluationId ?? null) !== (state?.evaluationId ?? null);
  return isFrozen(state, sealedAt) && !isCovered ? (facts.credits.get(id) ?? parent) : parent;
}

function shown({ id, channel, partnerId, kind, occurredAt, receivedAt }: SeenTouchpoint): SeenTouchpoint {
  return { id, channel, partnerId, kind, occurredAt, receivedAt };
}

type SeenTouchpoint = Pick<ExplainedTouchpoint, 'id' | 'channel' | 'partnerId' | 'kind' | 'occurredAt' | 'receivedAt'>;
