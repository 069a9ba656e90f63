import type { Beneficiary } from '../../domain/attribution/touchpoint.ts';
import type { Tx } from '../transaction.ts';
import { conversionByKey, creditsByKey } from './lookup.ts';

/** Where the credit of a conversion stands; the feed alone writes it, under its lock. */
export interface ConversionState {
  conversionId: string;
  /** 0: never credited. */
  generation: number;
  policyId: string | null;
  evaluationId: string | null;
  remainingMinor: number;
  /** The earliest lock of a window that holds a credit of it; null: none known. Frozen once it is sealed. */
  locksAt: string | null;
}

export async function readConversionStates(tx: Tx, conversionIds: readonly string[]): Promise<ConversionState[]> {
  const { rows } = await tx.query<ConversionState>(
    `select conversion_id as "conversionId", generation, policy_id as "policyId", evaluation_id as "evaluationId",
       remaining_minor as "remainingMinor", locks_at as "locksAt"
     from conversion_state where program_id = $1 and conversion_id = any ($2)`,
    [tx.programId, conversionIds],
  );
  return rows;
}

export async function updateConversionStates(tx: Tx, states: readonly ConversionState[], epoch: number): Promise<void> {
  if (states.length === 0) return;
  await tx.query(
    `update conversion_state s
     set generation = n.generation, policy_id = n."policyId", evaluation_id = n."evaluationId", remaining_minor = n."remainingMinor",
       locks_at = n."locksAt", epoch = $3, credited_at = clock_timestamp()
     from jsonb_to_recordset($2::jsonb) as n (
       "conversionId" text, generation integer, "policyId" text, "evaluationId" text, "remainingMinor" bigint, "locksAt" timestamptz
     )
     where s.program_id = $1 and s.conversion_id = n."conversionId"`,
    [tx.programId, JSON.stringify(states), epoch],
  );
}

/** One credit of one generation, as stored. */
export interface StoredCredit {
  conversionId: string;
  conversionAt: string;
  generation: number;
  beneficiary: Beneficiary;
  channel: string;
  shareE12: number;
  minor: number;
  currency: string;
  policyId: string | null;
  evaluationId: string | null;
  contentId: string | null;
  subId: string | null;
}

const CREDIT = `k.conversion_id as "conversionId", k.conversion_at as "conversionAt", k.generation,
  json_build_object('kind', k.beneficiary_kind, 'id', k.beneficiary_id) as beneficiary, k.channel, k.share_e12 as "shareE12", k.value_minor as minor,
  k.currency, k.policy_id as "policyId", k.evaluation_id as "evaluationId", k.content_id as "contentId", k.sub_id as "subId"`;

/** The credits in force of these conversions: those of the newest generation. */
export async function readCreditsInForce(tx: Tx, conversionIds: readonly string[]): Promise<StoredCredit[]> {
  const { rows } = await tx.query<StoredCredit>(
    `select ${CREDIT}
     from (select distinct id from unnest($2::text[]) as a (id)) a
     ${conversionByKey('a.id')}
     ${creditsByKey('s.generation')}
     order by k.conversion_id, k.share_e12 desc, k.beneficiary_kind, k.beneficiary_id, k.channel`,
    [tx.programId, conversionIds],
  );
  return rows;
}
