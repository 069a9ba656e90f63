import type { Tx } from '../transaction.ts';
import { conversionByKey, creditsByKey, lookup } from './lookup.ts';

export type CommissionKind = 'earned' | 'refund' | 'adjustment' | 'goodwill' | 'manual';
export type CommissionAccount = 'pending' | 'locked' | 'payable';

/** A commission row to be added; rows are never changed. Amounts in smallest units of `currency`, either sign. */
export interface NewCommission {
  id: string;
  partnerId: string;
  conversionId: string | null;
  conversionAt: string | null;
  revision: number;
  kind: CommissionKind;
  amountMinor: number;
  currency: string;
  /** Everything posted for the pair with this row, goodwill left out. */
  totalAfterMinor: number;
  /** What a cap cut off. */
  cappedMinor: number;
  windowId: string;
  account: CommissionAccount;
  originWindowId: string | null;
  rule: CommissionRuleNote | null;
  contractId: string | null;
  contractVersion: number | null;
  policyId: string | null;
  evaluationId: string | null;
  adjustmentId: string | null;
  entryId: string | null;
  payableFrom: string;
  reason: string | null;
}

/** Why a commission is what it is. */
export interface CommissionRuleNote {
  /** Index into the plan's rules, and the rule's kind; null where none matched. */
  index: number | null;
  kind: string | null;
  parts: { channel: string; ruleIndex: number | null; ruleKind: string | null; minor: number; reason: string | null }[];
  /** Rate of the conversion's day, as a decimal text; null when both currencies are one. */
  rate: string | null;
  /** What refunds had left of the conversion, and the partner's share and value of it. */
  remainingMinor: number;
  shareE12: number;
  creditedMinor: number;
}

export async function insertCommissions(tx: Tx, rows: readonly NewCommission[], epoch: number): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into commission (
       program_id, id, partner_id, conversion_id, conversion_at, revision, kind, amount_minor, currency, total_after_minor, capped_minor, window_id,
       account, origin_window_id, rule, contract_id, contract_version, policy_id, evaluation_id, adjustment_id, entry_id, payable_from, epoch, reason
     )
     select $1, c.id, c."partnerId", c."conversionId", c."conversionAt", c.revision, c.kind, c."amountMinor", c.currency, c."totalAfterMinor",
       c."cappedMinor", c."windowId", c.account, c."originWindowId", c.rule, c."contractId", c."contractVersion", c."policyId", c."evaluationId",
       c."adjustmentId", c."entryId", c."payableFrom", $3, c.reason
     from jsonb_to_recordset($2::jsonb) as c (
       id text, "partnerId" text, "conversionId" text, "conversionAt" timestamptz, revision integer, kind text, "amountMinor" bigint, currency text,
       "totalAfterMinor" bigint, "cappedMinor" bigint, "windowId" text, account text, "originWindowId" text, rule jsonb, "contractId" text,
       "contractVersion" integer, "policyId" text, "evaluationId" text, "adjustmentId" text, "entryId" text, "payableFrom" timestamptz, reason text
     )
     order by c."partnerId", c."conversionId", c.revision`,
    [tx.programId, JSON.stringify(rows), epoch],
  );
}

/** A row that stands, with how far its money has come. */
export interface PostedCommission {
  id: string;
  partnerId: string;
  conversionId: string;
  revision: number;
  kind: CommissionKind;
  amountMinor: number;
  currency: string;
  totalAfterMinor: number;
  windowId: string;
  windowNo: number;
  windowLocksAt: string;
  account: CommissionAccount;
  isOnStatement: boolean;
  evaluationId: string | null;
  rule: CommissionRuleNote | null;
}

export interface Pair {
  partnerId: string;
  conversionId: string;
}

/** Everything posted for these pairs, oldest revision first. */
export async function readPosted(tx: Tx, pairs: readonly Pair[]): Promise<PostedCommission[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<PostedCommission>(
    `select c.id, c.partner_id as "partnerId", c.conversion_id as "conversionId", c.revision, c.kind, c.amount_minor as "amountMinor", c.currency,
       c.total_after_minor as "totalAfterMinor", c.window_id as "windowId", w.no as "windowNo", w.locks_at as "windowLocksAt", c.account,
       l.commission_id is not null as "isOnStatement", c.evaluation_id as "evaluationId", c.rule
     from (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p
     ${lookup('commission', 'c', 'c.partner_id = p.partner_id and c.conversion_id = p.conversion_id')}
     ${lookup('attribution_window', 'w', 'w.id = c.window_id')}
     left join statement_line l on l.program_id = $1 and l.commission_id = c.id
     order by c.partner_id, c.conversion_id, c.revision`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId)],
  );
  return rows;
}

/** Pairs of these conversions that ever had goodwill. */
export async function listGoodwillPairs(tx: Tx, conversionIds: readonly string[]): Promise<Pair[]> {
  if (conversionIds.length === 0) return [];
  const { rows } = await tx.query<Pair>(
    `select distinct m.partner_id as "partnerId", m.conversion_id as "conversionId"
     from unnest($2::text[]) as a (id)
     ${lookup('commission', 'm', "m.conversion_id = a.id and m.kind = 'goodwill'")}`,
    [tx.programId, conversionIds],
  );
  return rows;
}

/** What a partner has of a conversion by the credits in force, per channel. */
export interface PartnerCredit extends Pair {
  channel: string;
  shareE12: number;
  minor: number;
  policyId: string | null;
  evaluationId: string | null;
}

const OF_PARTNER = `k.beneficiary_kind = 'partner' and k.beneficiary_id = p.partner_id`;

export async function readPartnerCredits(tx: Tx, pairs: readonly Pair[]): Promise<PartnerCredit[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<PartnerCredit>(
    `select k.beneficiary_id as "partnerId", k.conversion_id as "conversionId", k.channel, k.share_e12 as "shareE12", k.value_minor as minor,
       k.policy_id as "policyId", k.evaluation_id as "evaluationId"
     from (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p
     ${conversionByKey('p.conversion_id')}
     ${creditsByKey('s.generation', OF_PARTNER)}
     order by k.conversion_id, k.channel`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId)],
  );
  return rows;
}

/** As `readPartnerCredits`, by the credits that stood up to an epoch. */
export async function readPartnerCreditsAt(tx: Tx, pairs: readonly Pair[], epoch: number): Promise<PartnerCredit[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<PartnerCredit>(
    `select k.beneficiary_id as "partnerId", k.conversion_id as "conversionId", k.channel, k.share_e12 as "shareE12", k.value_minor as minor,
       k.policy_id as "policyId", k.evaluation_id as "evaluationId"
     from (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p
     ${lookup('conversion', 'c', 'c.id = p.conversion_id')}
     cross join lateral (
       select max(generation) as generation from credit
       where program_id = $1 and conversion_id = c.id and conversion_at = c.occurred_at and epoch <= $4
     ) g
     ${creditsByKey('g.generation', OF_PARTNER)}
     order by k.conversion_id, k.channel`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId), epoch],
  );
  return rows;
}

/** A window of a partner, by what its conversions are found by. */
export interface PartnerWindow {
  /** Null: it is not written yet, and nothing is posted for it. */
  id: string | null;
  partnerId: string;
  fromAt: string;
  toAt: string;
}

/** All conversions of a partner's window of origin: those with a credit in force, and those that were ever posted. */
export async function conversionsOfWindow(tx: Tx, window: PartnerWindow): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select k.conversion_id as id
     from credit k
     join conversion_state s on s.program_id = k.program_id and s.conversion_id = k.conversion_id and s.generation = k.generation
     where k.program_id = $1 and k.beneficiary_kind = 'partner' and k.beneficiary_id = $2 and k.conversion_at >= $3 and k.conversion_at < $4
     union
     select conversion_id from commission where program_id = $1 and origin_window_id = $5 and partner_id = $2 and conversion_id is not null`,
    [tx.programId, window.partnerId, window.fromAt, window.toAt, window.id],
  );
  return rows.map(({ id }) => id);
}

/** The sum of the rows of a window that its lock moves: those whose entries stand in `pending`, by currency. */
export async function sumPendingOfWindow(tx: Tx, windowId: string): Promise<{ currency: string; minor: number }[]> {
  const { rows } = await tx.query<{ currency: string; minor: number }>(
    `select currency, sum(amount_minor)::bigint as minor
     from commission
     where program_id = $1 and window_id = $2 and account = 'pending'
     group by currency
     having sum(amount_minor) <> 0
     order by currency`,
    [tx.programId, windowId],
  );
  return rows;
}
