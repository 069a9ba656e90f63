import { orderJourney } from '../../domain/attribution/journey.ts';
import { policyInForce } from '../../domain/attribution/in-force.ts';
import { reachMicros } from '../../domain/attribution/columns/reach.ts';
import { readConversions } from '../queries/conversion-facts.ts';
import type { ConversionFact } from '../queries/conversion-facts.ts';
import { readConversionStates } from '../queries/credit.ts';
import { readPartnerJourneys } from '../queries/journey-facts.ts';
import type { EvidenceScope } from '../queries/journey-facts.ts';
import { readPolicySpans } from '../queries/policy-period.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import { readClock } from '../queries/program-clock.ts';
import type { Tx } from '../transaction.ts';
import { contractReachMicros } from './columns/contract-reach.ts';
import { toTouchpoint } from './conversion-credit.ts';
import { EndlessParents } from './endless-parents.ts';
import { evidenceLimit, isBefore, isFrozen } from './evidence-limit.ts';
import { decidingSale } from './locked-heir.ts';
import { PartnerHistory } from './partner-history.ts';

const HORIZON = 'infinity';

/**
 * The partner's touchpoints that may earn it a conversion: those of the journey that decides it, by the evidence that counts for it, as far as no
 * lookback leaves them out. Those without weight are among them, because one that is voided gives its weight to the next. Of a renewal it is
 * the journey of the sale above it. Ids, oldest first.
 */
export async function partnerTouchpoints(
  tx: Tx,
  { partnerId, conversionId }: { partnerId: string; conversionId: string },
): Promise<string[]> {
  const [conversion] = await readConversions(tx, [conversionId]);
  if (!conversion) return [];
  const { conversion: sale, rule, scope } = await decidingJourney(tx, conversion);
  if (rule === null || scope === null) return [];
  const reach = Math.max(reachMicros([rule.policy]), await contractReachMicros(tx));
  const touched = await readPartnerJourneys(tx, { scopes: [scope], horizon: HORIZON, reachMicros: reach }, partnerId);
  const history = await PartnerHistory.load(tx, [partnerId], HORIZON);
  const steps = orderJourney(
    touched.map((touchpoint) => toTouchpoint(touchpoint, history)),
    sale.occurredAt,
    rule.policy,
    (id) => history.contractAt(id, sale.occurredAt)?.terms.lookback ?? null,
  );
  return steps.flatMap(({ touchpoint, reason }) => (reason === null ? [touchpoint.id] : []));
}

interface Deciding {
  conversion: ConversionFact;
  rule: PolicyInForce | null;
  scope: EvidenceScope | null;
}

async function decidingJourney(tx: Tx, conversion: ConversionFact): Promise<Deciding> {
  const { sealedAt } = await readClock(tx);
  const reading = { horizon: HORIZON, sealedAt };
  const spans = await readPolicySpans(tx, reading);
  const rule = policyInForce(spans, conversion.type, conversion.occurredAt);
  const [state] = await readConversionStates(tx, [conversion.id]);
  const limit = evidenceLimit(state, rule, reading);
  const locksAt = isFrozen(state, sealedAt) ? state!.locksAt : null;
  const lines = await EndlessParents.load(tx, [conversion], HORIZON);
  const isHeir = rule !== null && !lines.has(conversion, (receivedAt) => isBefore(receivedAt, limit));
  const sale = isHeir ? await decidingSale(tx, { conversion, limit, locksAt, rule }, { ...reading, spans }) : null;
  if (sale) return sale;
  const { id: conversionId, identityId, occurredAt } = conversion;
  const own = { conversionId, occurredAt, before: limit, lockedAt: locksAt };
  return { conversion, rule, scope: identityId === null ? null : { ...own, identityId } };
}
