import type { ConversionFact } from '../queries/conversion-facts.ts';
import { readConversions } from '../queries/conversion-facts.ts';
import { readConversionStates } from '../queries/credit.ts';
import type { ConversionState, StoredCredit } from '../queries/credit.ts';
import type { EvidenceScope, TouchpointFact } from '../queries/journey-facts.ts';
import { readParentsAbove } from '../queries/parent-edge.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import type { Tx } from '../transaction.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import { MOST_PARENTS } from '../../domain/attribution/parent-line.ts';
import { partnersOf } from '../../domain/attribution/touchpoint.ts';
import { computeCredit, storedCredits, toStoredCredits } from './conversion-credit.ts';
import { evidenceLimit, isBefore, isFrozen } from './evidence-limit.ts';
import type { Evidence } from './evidence-limit.ts';
import { fittingJourneys } from './fitting-journeys.ts';
import { groupBy } from './group-by.ts';
import { computeLongCredit } from './long-credit.ts';
import type { LeftJourney } from './long-credit.ts';
import { PartnerHistory } from './partner-history.ts';

/** A locked renewal or instalment. */
export interface LockedHeir {
  conversion: ConversionFact;
  /** What was received before it counts for it. */
  limit: string;
  locksAt: string;
  rule: PolicyInForce | null;
}

/** The same of any heir: an open one has no lock. */
type Heir = Omit<LockedHeir, 'locksAt'> & { locksAt: string | null };

interface LineReading extends Evidence {
  /** The rules in force at the horizon. */
  spans: readonly PolicyInForce[];
  reachMicros: number;
  mostTouchpoints?: number;
}

/** A conversion above an heir, with the rule that decides it for the heir. */
export interface Ancestor {
  conversion: ConversionFact;
  rule: PolicyInForce | null;
}

/** What stands above a locked heir and counts for it, the nearest first; and the evidence of the last of them. */
interface Line {
  ancestors: Ancestor[];
  scope: EvidenceScope | null;
}

/**
 * The parent's credits as they count for locked heirs, by the heir's id: on the evidence that counts for the heir itself, and by the rules that
 * were decided for it. So what becomes of an open parent later moves no locked renewal, and an approved fact about the parent's journey does.
 * None where no parent was known by then: the heir's own journey decides.
 */
export async function creditsAboveLocked(
  tx: Tx,
  heirs: readonly LockedHeir[],
  reading: LineReading,
): Promise<Map<string, StoredCredit[]>> {
  if (heirs.length === 0) return new Map();
  const lines = await linesOf(tx, heirs, reading);
  const scopes = [...lines.values()].flatMap(({ scope }) => scope ?? []);
  const { horizon, reachMicros, mostTouchpoints } = reading;
  const { touched, left } = await fittingJourneys(tx, { scopes, horizon, reachMicros }, reachMicros, mostTouchpoints);
  const journeys = groupBy(touched, ({ conversionId }) => conversionId);
  const partners = touched.flatMap(({ partnerId }) => partnerId ?? []);
  const history = await PartnerHistory.load(tx, partners, horizon);
  const found = new Map<string, StoredCredit[]>();
  for (const [id, line] of lines) {
    const journey = { touchpoints: journeys.get(id) ?? [], left: left.get(id), history };
    const credits = await creditsOfLine(tx, line, journey, horizon);
    if (credits !== null) found.set(id, credits);
  }
  return found;
}

/** The sale at the top of an heir's line, whose journey decides the heir's shares, and the evidence that counts; null: none was known. */
export async function decidingSale(
  tx: Tx,
  heir: Heir,
  reading: Evidence & Pick<LineReading, 'spans'>,
): Promise<(Ancestor & { scope: EvidenceScope | null }) | null> {
  const line = (await linesOf(tx, [heir], reading)).get(heir.conversion.id)!;
  const top = line.ancestors.at(-1);
  return top ? { ...top, scope: line.scope } : null;
}

async function linesOf(
  tx: Tx,
  heirs: readonly Heir[],
  reading: Evidence & Pick<LineReading, 'spans'>,
): Promise<Map<string, Line>> {
  const named = heirs.flatMap(({ conversion }) => conversion.parentExternalId ?? []);
  const ids = (await readParentsAbove(tx, [...new Set(named)], reading.horizon)).map(({ id }) => id);
  const above = new Map((await readConversions(tx, ids)).map((conversion) => [conversion.externalId, conversion]));
  const states = new Map((await readConversionStates(tx, ids)).map((state) => [state.conversionId, state]));
  return new Map(heirs.map((heir) => [heir.conversion.id, lineOf(heir, above, states, reading)]));
}

function lineOf(
  heir: Heir,
  above: ReadonlyMap<string, ConversionFact>,
  states: ReadonlyMap<string, ConversionState>,
  reading: Evidence & Pick<LineReading, 'spans'>,
): Line {
  const ancestors: Ancestor[] = [];
  let before = heir.limit;
  let { locksAt: lockedAt } = heir;
  let spans = heir.locksAt === null ? reading.spans : decidedFor(reading.spans, { ...heir, locksAt: heir.locksAt });
  for (let { parentExternalId } = heir.conversion; parentExternalId !== null && ancestors.length < MOST_PARENTS;) {
    const conversion = above.get(parentExternalId);
    if (!conversion || !isBefore(conversion.receivedAt, before)) break;
    const state = states.get(conversion.id);
    const rule = policyInForce(spans, conversion.type, conversion.occurredAt);
    const limit = evidenceLimit(state, rule, reading);
    if (isBefore(limit, before)) before = limit;
    if (isFrozen(state, reading.sealedAt)) {
      const locksAt = state!.locksAt!;
      if (lockedAt === null || isBefore(locksAt, lockedAt)) lockedAt = locksAt;
      // What was decided after the lock of this one did not reach it either, unless it covered it.
      spans = decidedFor(spans, { locksAt, rule });
    }
    ancestors.push({ conversion, rule });
    ({ parentExternalId } = conversion);
  }
  const top = ancestors.at(-1)?.conversion;
  // Under the heir's id: evaluations that covered the heir say until when its evidence is settled.
  const scope = top?.identityId
    ? {
        conversionId: heir.conversion.id,
        identityId: top.identityId,
        occurredAt: top.occurredAt,
        before,
        lockedAt,
      }
    : null;
  return { ancestors, scope };
}

/**
 * The rules without evaluations whose cut came after the lock, and after the cut of the one that covers the conversion: an open heir is in the
 * study of what moves its parent, so that one which locks before the evaluation is carried out moves with it.
 */
function decidedFor(
  spans: readonly PolicyInForce[],
  { locksAt, rule }: Pick<LockedHeir, 'locksAt' | 'rule'>,
): PolicyInForce[] {
  const coveredAt = rule?.cutAt ?? null;
  return spans.filter(
    ({ cutAt }) =>
      cutAt === null || isBefore(cutAt, locksAt) || (coveredAt !== null && isBefore(cutAt, coveredAt, true)),
  );
}

/** @returns null: nothing above counts, or its journey is beyond every bound */
async function creditsOfLine(
  tx: Tx,
  { ancestors }: Line,
  journey: { touchpoints: TouchpointFact[]; left: LeftJourney | undefined; history: PartnerHistory },
  horizon: string,
): Promise<StoredCredit[] | null> {
  let { touchpoints, history } = journey;
  let credits: StoredCredit[] | null = null;
  for (const { conversion, rule } of ancestors.toReversed()) {
    const facts = {
      conversion,
      // Shares alone are inherited, and no amount decides these.
      remainingMinor: conversion.valueMinor,
      touchpoints,
      policy: rule?.policy ?? null,
      parentCredits: credits,
      history,
    };
    if (credits === null && journey.left) {
      const long = await computeLongCredit(tx, facts, journey.left);
      if (long === null) return null;
      credits = storedCredits(conversion, long.credits, 0, rule);
      history = await history.including(tx, partnersOf(credits), horizon);
    } else credits = toStoredCredits(facts, computeCredit(facts), 0, rule);
    touchpoints = [];
  }
  return credits;
}
