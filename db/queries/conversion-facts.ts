import type { TouchpointKind } from '../../domain/contract/terms.ts';
import type { Tx } from '../transaction.ts';

/** A conversion as it was reported. */
export interface ConversionFact {
  id: string;
  externalId: string;
  identityId: string | null;
  type: string;
  valueMinor: number;
  currency: string;
  newCustomer: boolean | null;
  vertical: string | null;
  country: string | null;
  product: string | null;
  parentExternalId: string | null;
  occurredAt: string;
  receivedAt: string;
}

const CONVERSION = `c.id, c.external_id as "externalId", c.identity_id as "identityId", c.type, c.value_minor as "valueMinor", c.currency,
  c.new_customer as "newCustomer", c.vertical, c.country, c.product, c.parent_external_id as "parentExternalId", c.occurred_at as "occurredAt",
  c.received_at as "receivedAt"`;

export async function readConversions(tx: Tx, ids: readonly string[]): Promise<ConversionFact[]> {
  const { rows } = await tx.query<ConversionFact>(
    `select ${CONVERSION} from conversion c where c.program_id = $1 and c.id = any ($2) order by c.id`,
    [tx.programId, ids],
  );
  return rows;
}

/** Until when evidence counts for a conversion: what was received before this instant. */
export interface EvidenceScope {
  conversionId: string;
  identityId: string;
  before: string;
  /** When the conversion was locked; null while it is open. */
  lockedAt: string | null;
  /** When it happened. */
  occurredAt: string;
}

export interface TouchpointFact {
  conversionId: string;
  id: string;
  occurredAt: string;
  receivedAt: string;
  kind: TouchpointKind;
  channel: string;
  partnerId: string | null;
  contentId: string | null;
  subId: string | null;
  bot: boolean;
  isVoided: boolean;
}

/**
 * Everything that the person of each conversion touched, by the merges and touchpoints received before each one's own limit.
 * Approved additions count whenever they came before the horizon, and so do voids. A person who took the consent back is in no journey; only a
 * conversion that was locked before keeps what was settled by then: at its lock, or at the cut of a later evaluation that covered it.
 * @param reachMicros leaves out what is later than the conversion, or older by more than this; null: nothing, for explanations
 */
export async function readJourneys(
  tx: Tx,
  scopes: readonly EvidenceScope[],
  horizon: string,
  reachMicros: number | null = null,
): Promise<TouchpointFact[]> {
  if (scopes.length === 0) return [];
  // A column of its own: under row-level security only a comparison with a column reaches the index.
  const isInReach = 'and t.occurred_at <= r.occurred_at and t.occurred_at >= r.from_at';
  const { rows } = await tx.query<TouchpointFact>(
    `with recursive scope as (
       select conversion_id, identity_id, before, locked_at, occurred_at, occurred_at - $8::interval as from_at
       from unnest($2::text[], $3::text[], $4::timestamptz[], $6::timestamptz[], $7::timestamptz[])
         as s (conversion_id, identity_id, before, locked_at, occurred_at)
     ),
     reach as (
       select conversion_id, identity_id as id, before, locked_at, occurred_at, from_at from scope
       union
       select r.conversion_id, e.other, r.before, r.locked_at, r.occurred_at, r.from_at
       from reach r
       join lateral (
         select m.b_id as other, m.id, m.received_at, m.refused_reason from identity_merge m where m.program_id = $1 and m.a_id = r.id
         union all
         select m.a_id, m.id, m.received_at, m.refused_reason from identity_merge m where m.program_id = $1 and m.b_id = r.id
       ) e on e.refused_reason is null and e.received_at < r.before
         and not exists (select from identity_merge_undo u where u.program_id = $1 and u.merge_id = e.id and u.received_at < r.before)
     )
     select r.conversion_id as "conversionId", t.id, t.occurred_at as "occurredAt", t.received_at as "receivedAt", t.kind, t.channel,
       t.partner_id as "partnerId", t.content_id as "contentId", t.sub_id as "subId", t.bot,
       exists (select from touchpoint_void v where v.program_id = $1 and v.touchpoint_id = t.id and v.received_at < $5) as "isVoided"
     from reach r
     left join lateral (
       select true as is_withdrawn, case when w.received_at >= r.locked_at then greatest(r.locked_at, (
           select max(v.cut_at) from evaluation v
           join study_line l on l.program_id = v.program_id and l.study_id = v.study_id and l.conversion_id = r.conversion_id
           where v.program_id = $1 and v.state in ('executed', 'done') and v.cut_at <= w.received_at
         )) end as settled_before
       from consent_withdrawal w
       where w.program_id = $1 and w.identity_id = r.id and w.received_at < r.before
     ) withdrawn on true
     join touchpoint t on t.program_id = $1 and t.identity_id = r.id ${reachMicros === null ? '' : isInReach}
       and (t.received_at < r.before or (t.approved_by is not null and t.received_at < $5))
       and (withdrawn.is_withdrawn is null or t.received_at < withdrawn.settled_before
         or (t.approved_by is not null and withdrawn.settled_before is not null))`,
    [
      tx.programId,
      scopes.map(({ conversionId }) => conversionId),
      scopes.map(({ identityId }) => identityId),
      scopes.map(({ before }) => before),
      horizon,
      scopes.map(({ lockedAt }) => lockedAt),
      scopes.map(({ occurredAt }) => occurredAt),
      `${Math.ceil(reachMicros ?? 0)} microseconds`,
    ],
  );
  return rows;
}

export interface RefundFact {
  id: string;
  externalId: string;
  conversionId: string;
  valueMinor: number | null;
  currency: string | null;
  receivedAt: string;
  /** Null while the feed has not decided. */
  state: 'applied' | 'refused' | null;
  decidedMinor: number | null;
}

/** Refunds of these conversions received before the horizon, in order of receipt, with what the feed decided. */
export async function readRefunds(tx: Tx, conversionIds: readonly string[], horizon: string): Promise<RefundFact[]> {
  const { rows } = await tx.query<RefundFact>(
    `select r.id, r.external_id as "externalId", c.id as "conversionId", r.value_minor as "valueMinor", r.currency, r.received_at as "receivedAt",
       d.state, d.value_minor as "decidedMinor"
     from conversion c
     join refund r on r.program_id = c.program_id and r.conversion_external_id = c.external_id
     left join refund_decision d on d.program_id = r.program_id and d.refund_id = r.id
     where c.program_id = $1 and c.id = any ($2) and r.received_at < $3
     order by r.received_at, r.id`,
    [tx.programId, conversionIds, horizon],
  );
  return rows;
}

export interface RefundDecision {
  refundId: string;
  conversionId: string;
  state: 'applied' | 'refused';
  valueMinor: number;
  reason: string | null;
}

export async function insertRefundDecisions(tx: Tx, decisions: readonly RefundDecision[]): Promise<void> {
  if (decisions.length === 0) return;
  await tx.query(
    `insert into refund_decision (program_id, refund_id, conversion_id, state, value_minor, reason)
     select $1, d."refundId", d."conversionId", d.state, d."valueMinor", d.reason
     from jsonb_to_recordset($2::jsonb) as d ("refundId" text, "conversionId" text, state text, "valueMinor" bigint, reason text)
     order by d."refundId"`,
    [tx.programId, JSON.stringify(decisions)],
  );
}
