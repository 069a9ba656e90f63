import { creditLongJourney } from '../../domain/attribution/columns/long-journey.ts';
import { RuleColumns } from '../../domain/attribution/columns/rule-columns.ts';
import type { WeighedStep } from '../../domain/attribution/credit.ts';
import { NOT_MULTIPLIED, shownMultipliers } from '../../domain/attribution/multipliers.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { splitValue } from '../../domain/attribution/split.ts';
import type { Credit } from '../../domain/attribution/split.ts';
import { beneficiaryOf } from '../../domain/attribution/touchpoint.ts';
import { DomainError } from '../../domain/errors.ts';
import type { EvidenceScope, TouchpointFact } from '../queries/journey-facts.ts';
import type { Tx } from '../transaction.ts';
import { LongJourney, MOST_TOUCHPOINTS, MOST_TRAITS } from './columns/long-journey.ts';
import { computeCredit, inheritedOf, toTouchpoint, withoutWeight } from './conversion-credit.ts';
import type { CreditFacts, NamedCredit } from './conversion-credit.ts';
import { PartnerHistory } from './partner-history.ts';

/** A journey that was left in the database, and how to read it. */
export interface LeftJourney {
  scope: EvidenceScope;
  horizon: string;
  reachMicros: number;
  /** How many touchpoints it has at least. */
  atLeast: number;
}

export interface LongCredit {
  credits: NamedCredit[];
  ageFault: 'too-soon' | 'too-late' | null;
  /** The newest touchpoints, oldest first, as far as they were asked for; with what each weighs. */
  touchpoints: WeighedStep[];
  known: Map<string, TouchpointFact>;
  /** The contracts of everybody who is listed or credited; without a list those of the facts. */
  history: PartnerHistory;
  /** How many touchpoints the journey has, those that are not listed too. */
  count: number;
  /** As in `ComputedCredit`. */
  isInherited: boolean;
}

/**
 * `computeCredit` of a conversion whose journey is too long for an object per touchpoint: the same credits, weights, content and sub-ids.
 * @param facts `touchpoints` of them is not looked at
 * @param listed how many touchpoints are explained, the newest
 * @returns null for a journey beyond every bound (`tooLong` says so)
 */
export async function computeLongCredit(
  tx: Tx,
  facts: CreditFacts,
  left: LeftJourney,
  listed = 0,
): Promise<LongCredit | null> {
  const { policy, remainingMinor } = facts;
  if (policy === null) {
    const credits = splitValue(remainingMinor, []).map((credit) => ({ ...credit, contentId: null, subId: null }));
    return {
      credits,
      ageFault: null,
      touchpoints: [],
      known: new Map(),
      history: facts.history,
      count: 0,
      isInherited: false,
    };
  }
  const inherited = inheritedOf(facts);
  // Its own journey decides nothing, so that it is read only to be listed.
  if (inherited !== null && listed === 0)
    return {
      credits: inherited,
      ageFault: null,
      touchpoints: [],
      known: new Map(),
      history: facts.history,
      count: left.atLeast,
      isInherited: true,
    };
  const { scope, horizon, reachMicros } = left;
  const journey = await LongJourney.read(tx, { scopes: [scope], horizon, reachMicros, remainingMinor });
  if (journey === null) return null;
  const rule = new RuleColumns(policy);
  rule.grow(journey.columns.traits);
  const result = creditLongJourney(journey.columns, rule);
  const newest = listed === 0 ? [] : await journey.newest(listed);
  const credited = [
    ...(inherited ?? result.credits).map(({ beneficiary }) => beneficiary),
    ...newest.map(beneficiaryOf),
  ];
  const partners = credited.flatMap(({ kind, id }) => (kind === 'partner' ? [id] : []));
  const history = listed === 0 ? facts.history : await PartnerHistory.load(tx, partners, horizon);
  const steps = newest
    .map((touchpoint, n) => stepOf(touchpoint, result.stepAt(journey.length - 1 - n), policy, history))
    .reverse();
  const seen = {
    history,
    known: new Map(newest.map((touchpoint) => [touchpoint.id, touchpoint])),
    count: journey.length,
  };
  if (inherited !== null)
    return { ...seen, credits: inherited, ageFault: null, touchpoints: steps.map(withoutWeight), isInherited: true };
  const origins = await journey.originsOf(result.credits.map(({ last }) => last).filter((index) => index >= 0));
  return {
    ...seen,
    credits: result.credits.map((credit) => ({ ...credit, ...(origins.get(credit.last) ?? NOWHERE) })),
    ageFault: result.ageFault,
    touchpoints: steps,
    isInherited: false,
  };
}

/** As `creditConversion` has it: what is left out before it is weighed has no multipliers. */
function stepOf(
  touchpoint: TouchpointFact,
  { weight, reason }: Pick<WeighedStep, 'weight' | 'reason'>,
  { multipliers }: Policy,
  history: PartnerHistory,
): WeighedStep {
  const isWeighed = reason === null || reason === 'zero-weight';
  const shown = isWeighed ? shownMultipliers(toTouchpoint(touchpoint, history), multipliers) : NOT_MULTIPLIED;
  return { id: touchpoint.id, weight, ...shown, reason };
}

/**
 * The credits of a conversion alone, however long its journey is.
 * @param left undefined: the facts hold the journey
 * @throws DomainError `too-large` for a journey beyond every bound
 */
export async function creditsOfEither(
  tx: Tx,
  facts: CreditFacts,
  left: LeftJourney | undefined,
): Promise<Pick<Credit, 'beneficiary' | 'channel' | 'shareE12' | 'minor'>[]> {
  if (left === undefined) return computeCredit(facts).credits;
  const credit = await computeLongCredit(tx, facts, left);
  if (credit === null) throw tooLong(facts.conversion.id);
  return credit.credits;
}

const NOWHERE = { contentId: null, subId: null };

/** What to say of a conversion whose journey is beyond every bound. */
export function tooLong(conversionId: string): DomainError {
  return new DomainError(
    'too-large',
    `The person of conversion ${conversionId} has more than ${MOST_TOUCHPOINTS} touchpoints within the lookback, or more than ${MOST_TRAITS} different channels and partners among them. No person has: void what should not be there, or undo the merge that brought it.`,
    { conversionId },
  );
}
