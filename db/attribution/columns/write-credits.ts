import type { CreditColumns } from '../../../domain/attribution/columns/credit-columns.ts';
import type { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import { compareText } from '../../../domain/attribution/journey.ts';
import type { Tx } from '../../transaction.ts';
import { int4Array, int8Array } from './binary-array.ts';
import type { Origin } from './origin-index.ts';

/** Credits of the slice that this transaction holds, with what the numbers in them stand for. */
export interface SliceCredits {
  credits: CreditColumns;
  rule: RuleColumns;
  /** By touchpoint: index into `origins`. */
  origin: Int32Array;
  origins: readonly Origin[];
}

/** Which generation, rule and epoch the credits of a slice get. */
export interface CreditStamp {
  generation: number;
  policyId: string | null;
  evaluationId: string | null;
  epoch: number;
}

/** The arrays of credits and names as parameters $1 to $11 of the statement below. */
function creditParameters({ credits, rule, origin, origins }: SliceCredits): unknown[] {
  const { length, conversion, claimant, shareE12, minor, source } = credits;
  const order = keyOrder(credits, rule);
  const named = origins.flatMap(({ contentId, subId }, index) =>
    contentId === null && subId === null ? [] : [{ index, contentId, subId }],
  );
  return [
    int4Array(length, (index) => conversion[order[index]!]!),
    int4Array(length, (index) => claimant[order[index]!]!),
    int8Array(length, (index) => shareE12[order[index]!]!),
    int8Array(length, (index) => minor[order[index]!]!),
    int4Array(length, (index) => {
      const from = source[order[index]!]!;
      return from < 0 ? -1 : origin[from]!;
    }),
    rule.claimants.map(({ beneficiary }) => beneficiary.kind),
    rule.claimants.map(({ beneficiary }) => beneficiary.id),
    rule.claimants.map(({ channel }) => channel),
    named.map(({ index }) => index),
    named.map(({ contentId }) => contentId),
    named.map(({ subId }) => subId),
  ];
}

/** The credits in the order of their key. They stand by conversion already; within one by the order that breaks ties. */
function keyOrder({ length, conversion, claimant }: CreditColumns, { claimants }: RuleColumns): Int32Array {
  const keys = claimants.map(({ beneficiary, channel }) => [beneficiary.kind, beneficiary.id, channel].join('\0'));
  const rank = new Int32Array(keys.length);
  const ranked = keys.map((key, index) => ({ key, index })).sort((a, b) => compareText(a.key, b.key));
  ranked.forEach(({ index }, place) => (rank[index] = place));
  const order = Int32Array.from({ length }, (_, index) => index);
  for (let index = 1; index < length; index += 1) {
    for (let at = index; at > 0; at -= 1) {
      const [before, own] = [order[at - 1]!, order[at]!];
      if (conversion[before] !== conversion[own] || rank[claimant[before]!]! <= rank[claimant[own]!]!) break;
      order[at - 1] = own;
      order[at] = before;
    }
  }
  return order;
}

/**
 * Numbers travel instead of names, and the server puts the names back. The arrays are read in the select list: in `from` each of them would be
 * written to a tuple store first. Nothing sorts here: the rows come in the order of their key and the joins keep it, and where a join does not,
 * only the index is a little slower, because nobody else writes credits of conversions that this transaction holds.
 */
const CREDITS_FROM = `
  (
    select unnest($1::integer[]) as no, unnest($2::integer[]) as claimant, unnest($3::bigint[]) as share_e12, unnest($4::bigint[]) as minor,
      unnest($5::integer[]) as origin
  ) k
  join (
    select kind, id, channel, (n - 1)::integer as claimant
    from unnest($6::text[], $7::text[], $8::text[]) with ordinality as a (kind, id, channel, n)
  ) a on a.claimant = k.claimant
  left join unnest($9::integer[], $10::text[], $11::text[]) as o (origin, content_id, sub_id) on o.origin = k.origin
  join credit_slice s on s.no = k.no`;

/** Inserts the credits of the slice, sorted by their key. @param table has the columns of `credit` */
export async function insertSliceCredits(
  tx: Tx,
  slice: SliceCredits,
  stamp: CreditStamp,
  table = 'credit',
): Promise<number> {
  if (slice.credits.length === 0) return 0;
  const { rowCount } = await tx.query(
    `insert into ${tx.client.escapeIdentifier(table)} (
       program_id, conversion_id, conversion_at, generation, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor, currency,
       policy_id, evaluation_id, content_id, sub_id, epoch
     )
     select $12, s.id, s.occurred_at, $13, a.kind, a.id, a.channel, k.share_e12, k.minor, s.currency, $14, $15, o.content_id, o.sub_id, $16
     from ${CREDITS_FROM}`,
    [...creditParameters(slice), tx.programId, stamp.generation, stamp.policyId, stamp.evaluationId, stamp.epoch],
  );
  return rowCount ?? 0;
}
