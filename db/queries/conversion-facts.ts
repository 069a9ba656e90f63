import type { Tx } from '../transaction.ts';
import { lookup } from './lookup.ts';

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
     ${lookup('refund', 'r', 'r.conversion_external_id = c.external_id and r.received_at < $3')}
     left join refund_decision d on d.program_id = r.program_id and d.refund_id = r.id
     where c.program_id = $1 and c.id = any ($2)
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
