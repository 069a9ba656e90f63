import type { ConversionFact, RefundFact } from '../queries/conversion-facts.ts';
import { readConversions, readRefunds } from '../queries/conversion-facts.ts';
import type { ConversionState, StoredCredit } from '../queries/credit.ts';
import { readConversionStates, readCreditsInForce } from '../queries/credit.ts';
import { conversionsByExternalId } from '../queries/feed-scope.ts';
import type { EvidenceScope, TouchpointFact } from '../queries/journey-facts.ts';
import { readPolicySpans } from '../queries/policy-period.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import type { Tx } from '../transaction.ts';
import { reachMicros } from '../../domain/attribution/columns/reach.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { partnersOf } from '../../domain/attribution/touchpoint.ts';
import { contractReachMicros } from './columns/contract-reach.ts';
import { EndlessParents } from './endless-parents.ts';
import { evidenceLimit, isBefore, isFrozen } from './evidence-limit.ts';
import type { Evidence } from './evidence-limit.ts';
import { fittingJourneys } from './fitting-journeys.ts';
import { groupBy } from './group-by.ts';
import { creditsAboveLocked } from './locked-heir.ts';
import type { LeftJourney } from './long-credit.ts';
import { PartnerHistory } from './partner-history.ts';

/** What is read of a batch. */
export interface Reading extends Evidence {
  /**
   * For credit alone: touchpoints that neither these policies, nor those in force, nor any contract look back to are not read, however long
   * a person's past is. Without it everything is read, so that an explanation can say why it does not count.
   */
  creditedUnder?: readonly Policy[];
  /** Policies beside those in force under which a journey that does not fit into memory may be credited. */
  alsoUnder?: readonly Policy[];
  /** Touchpoints of a batch that are held as objects. */
  mostTouchpoints?: number;
}

/** The facts of a batch of conversions, read set by set. */
export interface BatchFacts {
  conversions: ConversionFact[];
  byId: Map<string, ConversionFact>;
  states: Map<string, ConversionState>;
  credits: Map<string, StoredCredit[]>;
  refunds: Map<string, RefundFact[]>;
  journeys: Map<string, TouchpointFact[]>;
  /** Conversions whose journeys are not in `journeys`, because the batch would not fit into memory with them: see `computeLongCredit`. */
  left: Map<string, LeftJourney>;
  /** Until when evidence counts, of those with a person. */
  scopes: EvidenceScope[];
  /** The rule in force for each conversion; null: none speaks of its type. */
  rules: Map<string, PolicyInForce | null>;
  /** Those whose line of parents does not end: they inherit nothing. */
  endless: ReadonlySet<string>;
  /** Locked ones with a parent: they inherit by what counted for themselves, not what the parent has by now. */
  lockedHeirs: ReadonlySet<string>;
  /** Credits of the parent, by the child's id; none where the conversion has no parent that is credited. */
  parentCredits: Map<string, StoredCredit[]>;
  history: PartnerHistory;
}

/** Reads everything that the credits of these conversions are a function of. Call it after their locks are held. */
export async function loadCreditFacts(tx: Tx, conversionIds: readonly string[], reading: Reading): Promise<BatchFacts> {
  const conversions = (await readConversions(tx, conversionIds)).filter(({ receivedAt }) =>
    isBefore(receivedAt, reading.horizon),
  );
  const ids = conversions.map(({ id }) => id);
  const states = new Map((await readConversionStates(tx, ids)).map((state) => [state.conversionId, state]));
  const spans = await readPolicySpans(tx, reading);
  const rules = new Map(conversions.map(({ id, type, occurredAt }) => [id, policyInForce(spans, type, occurredAt)]));
  const limitOf = (id: string) => evidenceLimit(states.get(id), rules.get(id) ?? null, reading);
  const scopes = conversions.flatMap(({ id, identityId, occurredAt }) =>
    identityId === null
      ? []
      : [
          {
            conversionId: id,
            identityId,
            occurredAt,
            before: limitOf(id),
            lockedAt: isFrozen(states.get(id), reading.sealedAt) ? states.get(id)!.locksAt : null,
          },
        ],
  );
  const reach = await reachOf(tx, spans, reading.creditedUnder ?? reading.alsoUnder ?? []);
  const { touched, left } = await fittingJourneys(
    tx,
    { scopes, horizon: reading.horizon, reachMicros: reading.creditedUnder === undefined ? null : reach },
    reach,
    reading.mostTouchpoints,
  );
  const journeys = groupBy(touched, ({ conversionId }) => conversionId);
  const lines = await EndlessParents.load(tx, conversions, reading.horizon);
  const isEndless = (conversion: ConversionFact) =>
    lines.has(conversion, (receivedAt) => isBefore(receivedAt, limitOf(conversion.id)));
  const endless = new Set(conversions.filter(isEndless).map(({ id }) => id));
  const heirs = conversions.filter(({ id, parentExternalId }) => parentExternalId !== null && !endless.has(id));
  const isLocked = ({ id }: ConversionFact) =>
    !reading.isEvidenceUnlimited && isFrozen(states.get(id), reading.sealedAt);
  const locked = heirs.filter(isLocked).map((conversion) => ({
    conversion,
    limit: limitOf(conversion.id),
    locksAt: states.get(conversion.id)!.locksAt!,
    rule: rules.get(conversion.id) ?? null,
  }));
  const open = heirs.filter((conversion) => !isLocked(conversion));
  const parentCredits = new Map([
    ...(await loadParentCredits(tx, open, reading.horizon)),
    ...(await creditsAboveLocked(tx, locked, { ...reading, spans, reachMicros: reach })),
  ]);
  const credits = groupBy(await readCreditsInForce(tx, ids), ({ conversionId }) => conversionId);
  const partnerIds = [...journeys.values()].flat().flatMap(({ partnerId }) => partnerId ?? []);
  const credited = partnersOf([...parentCredits.values(), ...credits.values()].flat());
  return {
    conversions,
    byId: new Map(conversions.map((conversion) => [conversion.id, conversion])),
    states,
    credits,
    refunds: groupBy(await readRefunds(tx, ids, reading.horizon), ({ conversionId }) => conversionId),
    journeys,
    left,
    scopes,
    rules,
    endless,
    lockedHeirs: new Set(locked.map(({ conversion }) => conversion.id)),
    parentCredits,
    history: await PartnerHistory.load(tx, [...partnerIds, ...credited], reading.horizon),
  };
}

/** How far back these policies, those in force and all contracts look, in microseconds. */
async function reachOf(tx: Tx, spans: readonly PolicyInForce[], creditedUnder: readonly Policy[]): Promise<number> {
  const policies = [...creditedUnder, ...spans.map(({ policy }) => policy)];
  return Math.max(reachMicros(policies), await contractReachMicros(tx));
}

async function loadParentCredits(
  tx: Tx,
  conversions: readonly ConversionFact[],
  horizon: string,
): Promise<Map<string, StoredCredit[]>> {
  const wanted = [...new Set(conversions.flatMap(({ parentExternalId }) => parentExternalId ?? []))];
  if (wanted.length === 0) return new Map();
  const parents = await readConversions(tx, await conversionsByExternalId(tx, wanted, horizon));
  const credits = groupBy(
    await readCreditsInForce(
      tx,
      parents.map(({ id }) => id),
    ),
    ({ conversionId }) => conversionId,
  );
  const byExternalId = new Map(parents.map(({ externalId, id }) => [externalId, credits.get(id)]));
  const found = new Map<string, StoredCredit[]>();
  for (const { id, parentExternalId } of conversions) {
    const parent = parentExternalId === null ? undefined : byExternalId.get(parentExternalId);
    if (parent) found.set(id, parent);
  }
  return found;
}
