import type { Claimant } from '../../../domain/attribution/columns/rule-columns.ts';
import { compareText } from '../../../domain/attribution/journey.ts';
import { creditKey } from '../../../domain/attribution/touchpoint.ts';
import type { StoredCredit } from '../../queries/credit.ts';
import type { Tx } from '../../transaction.ts';
import { cellArray } from '../../intake/cell-array.ts';
import { int4Array, int8Array } from './binary-array.ts';
import type { Origin } from './origin-index.ts';

/** What all credits of a conversion say. */
export type CreditedSale = Pick<
  StoredCredit,
  'conversionId' | 'conversionAt' | 'currency' | 'generation' | 'policyId' | 'evaluationId'
>;

/** Conversions as parameters: made once for all models that credit them. */
export type CreditedSales = ReturnType<typeof creditedSales>;

export function creditedSales(sales: readonly CreditedSale[]) {
  const stamps = new Numbered<CreditedSale>();
  const stamp = sales.map((sale) =>
    stamps.numberOf([sale.currency, sale.generation, sale.policyId, sale.evaluationId].join(' '), sale),
  );
  return {
    length: sales.length,
    ids: cellArray(
      'text',
      sales.map(({ conversionId }) => conversionId),
    ),
    instants: cellArray(
      'timestamptz',
      sales.map(({ conversionAt }) => conversionAt),
    ),
    stampOf: int4Array(sales.length, (index) => stamp[index]!),
    stamps: stamps.items,
  };
}

type Numbers = Int32Array | Float64Array | readonly number[];

/** Credits as numbers, with what these stand for. */
export interface CreditRows {
  length: number;
  /** By credit: index into `conversions`, ascending. */
  conversion: Numbers;
  /** By credit: index into `claimants`. */
  claimant: Numbers;
  shareE12: Numbers;
  minor: Numbers;
  /** By credit: index into `origins`; -1 for none. */
  originOf(credit: number): number;
  conversions: CreditedSales;
  claimants: readonly Claimant[];
  origins: readonly Origin[];
}

/** Adds generations, sorted by their key; old ones stay, superseded. */
export async function insertCredits(tx: Tx, credits: readonly StoredCredit[], epoch: number): Promise<void> {
  if (credits.length > 0) await insertCreditRows(tx, rowsOf(credits), epoch);
}

function rowsOf(credits: readonly StoredCredit[]): CreditRows {
  const sorted = credits.toSorted((a, b) => compareText(a.conversionId, b.conversionId) || a.generation - b.generation);
  const conversions: CreditedSale[] = [];
  const conversion = sorted.map((credit) => {
    const last = conversions.at(-1);
    const isSame = last?.conversionId === credit.conversionId && last.generation === credit.generation;
    return (isSame ? conversions.length : conversions.push(credit)) - 1;
  });
  const [claimants, origins] = [new Numbered<Claimant>(), new Numbered<Origin>()];
  const claimant = sorted.map((credit) => claimants.numberOf(creditKey(credit.beneficiary, credit.channel), credit));
  const origin = sorted.map((credit) =>
    credit.contentId === null && credit.subId === null
      ? -1
      : origins.numberOf(JSON.stringify([credit.contentId, credit.subId]), credit),
  );
  return {
    length: sorted.length,
    conversion,
    claimant,
    shareE12: sorted.map(({ shareE12 }) => shareE12),
    minor: sorted.map(({ minor }) => minor),
    originOf: (credit) => origin[credit]!,
    conversions: creditedSales(conversions),
    claimants: claimants.items,
    origins: origins.items,
  };
}

/** Things by the number at which each was named first. */
class Numbered<Item> {
  readonly items: Item[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(key: string, item: Item): number {
    let number = this.#numbers.get(key);
    if (number === undefined) this.#numbers.set(key, (number = this.items.push(item) - 1));
    return number;
  }
}

/** The origins that name something, by their number. */
function namedOrigins({ origins }: CreditRows) {
  return origins.flatMap(({ contentId, subId }, index) =>
    contentId === null && subId === null ? [] : [{ index, contentId, subId }],
  );
}

/** The arrays of credits and names as parameters $1 to $15 of the statement below. */
function creditParameters(
  { length, conversion, claimant, shareE12, minor, conversions, claimants }: CreditRows,
  order: Int32Array,
): unknown[] {
  return [
    int4Array(length, (index) => conversion[order[index]!]!),
    int4Array(length, (index) => claimant[order[index]!]!),
    int8Array(length, (index) => shareE12[order[index]!]!),
    int8Array(length, (index) => minor[order[index]!]!),
    claimants.map(({ beneficiary }) => beneficiary.kind),
    claimants.map(({ beneficiary }) => beneficiary.id),
    claimants.map(({ channel }) => channel),
    conversions.ids,
    conversions.instants,
    conversions.stampOf,
    conversions.length - 1,
    conversions.stamps.map(({ currency }) => currency),
    conversions.stamps.map(({ generation }) => generation),
    conversions.stamps.map(({ policyId }) => policyId),
    conversions.stamps.map(({ evaluationId }) => evaluationId),
  ];
}

/** What the credits name as their content and sub-id, as parameters $18 to $21. */
function originParameters({ length, originOf }: CreditRows, order: Int32Array, named: ReturnType<typeof namedOrigins>) {
  return [
    int4Array(length, (index) => originOf(order[index]!)),
    named.map(({ index }) => index),
    named.map(({ contentId }) => contentId),
    named.map(({ subId }) => subId),
  ];
}

/** The credits in the order of their key. They stand by conversion already; within one by the order that breaks ties. */
function keyOrder({ length, conversion, claimant, claimants }: CreditRows): Int32Array {
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
 * only the index is a little slower, because nobody else writes credits of conversions that this transaction holds. Where none of
 * them names content or a sub-id, the array and the join for these are left out.
 */
function creditsFrom(hasOrigins: boolean): string {
  return `
  (
    select unnest($1::integer[]) as no, unnest($2::integer[]) as claimant, unnest($3::bigint[]) as share_e12, unnest($4::bigint[]) as minor
      ${hasOrigins ? ', unnest($18::integer[]) as origin' : ''}
  ) k
  join (
    select kind, id, channel, (n - 1)::integer as claimant
    from unnest($5::text[], $6::text[], $7::text[]) with ordinality as a (kind, id, channel, n)
  ) a on a.claimant = k.claimant
  ${hasOrigins ? 'left join unnest($19::integer[], $20::text[], $21::text[]) as o (origin, content_id, sub_id) on o.origin = k.origin' : ''}
  join (
    select unnest($8::text[]) as id, unnest($9::timestamptz[]) as at, unnest($10::integer[]) as stamp, generate_series(0, $11::integer) as no
  ) c on c.no = k.no
  join (
    select currency, generation, policy_id, evaluation_id, (n - 1)::integer as stamp
    from unnest($12::text[], $13::integer[], $14::text[], $15::text[]) with ordinality as s (currency, generation, policy_id, evaluation_id, n)
  ) s on s.stamp = c.stamp`;
}

/** Inserts credits sorted by their key. @param table has the columns of `credit` */
export async function insertCreditRows(tx: Tx, rows: CreditRows, epoch: number, table = 'credit'): Promise<void> {
  if (rows.length === 0) return;
  const order = keyOrder(rows);
  const named = namedOrigins(rows);
  const hasOrigins = named.length > 0;
  await tx.query(
    `insert into ${tx.client.escapeIdentifier(table)} (
       program_id, conversion_id, conversion_at, generation, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor, currency,
       policy_id, evaluation_id, epoch${hasOrigins ? ', content_id, sub_id' : ''}
     )
     select $16, c.id, c.at, s.generation, a.kind, a.id, a.channel, k.share_e12, k.minor, s.currency, s.policy_id, s.evaluation_id,
       $17${hasOrigins ? ', o.content_id, o.sub_id' : ''}
     from ${creditsFrom(hasOrigins)}`,
    [
      ...creditParameters(rows, order),
      tx.programId,
      epoch,
      ...(hasOrigins ? originParameters(rows, order, named) : []),
    ],
  );
}
