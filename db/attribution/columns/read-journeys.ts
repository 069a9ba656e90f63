import { to as copyTo } from 'pg-copy-streams';
import type { JourneyColumns } from '../../../domain/attribution/columns/trait.ts';
import type { ConversionFact, RefundFact } from '../../queries/conversion-facts.ts';
import type { Tx } from '../../transaction.ts';
import { groupBy } from '../group-by.ts';
import { decideRefunds } from '../refund-limits.ts';
import { BinaryRow, eachBinaryRow } from './binary-rows.ts';
import { OriginIndex } from './origin-index.ts';
import { LARGE_SLICE } from './slice.ts';
import { gatherPersons, spanOfPersons, withdrawnPersons } from './slice-persons.ts';
import { TouchpointRows } from './touchpoint-rows.ts';
import { TraitIndex } from './trait-index.ts';

/** The conversions of a slice with their journeys. `conversion` of the arrays is the number in the slice. */
export interface SliceJourneys extends JourneyColumns {
  /** By conversion: index into `types`. */
  type: Int32Array;
  types: readonly string[];
  /**
   * By conversion: 1 where more than its journey decides, so that only `computeCredit` may credit it: it inherits the shares of a parent, or
   * one of its persons took the consent back.
   */
  isSpecial: Uint8Array;
  /** By touchpoint: index into the origins of the reader. */
  origin: Int32Array;
}

/** Reads slices of one run. Traits, histories of partners and origins are kept from slice to slice; the rest is flat. */
export class JourneyReader {
  readonly origins = new OriginIndex();
  readonly #horizon: string;
  readonly #traits: TraitIndex;
  readonly #rows = new TouchpointRows();
  readonly #types: string[] = [];

  /** @param horizon facts received at or after it are not seen */
  constructor(horizon: string) {
    this.#horizon = horizon;
    this.#traits = new TraitIndex(horizon);
  }

  /**
   * The journeys of the slice that this transaction holds (`slice.ts`). Touchpoints that are voided, later than the conversion or older
   * than `lookbackMicros` are not read: no rule gives them weight.
   * @param lookbackMicros at least the longest lookback of the rules and of all contracts
   */
  async read(tx: Tx, size: number, lookbackMicros: number): Promise<SliceJourneys> {
    return (await this.readAtMost(tx, size, lookbackMicros, Number.MAX_SAFE_INTEGER - 1))!;
  }

  /** The same; null when the slice has more touchpoints than `most`. */
  async readAtMost(tx: Tx, size: number, lookbackMicros: number, most: number): Promise<SliceJourneys | null> {
    const conversions = await this.#readConversions(tx, size);
    for (const [no, remaining] of await remainingAfterRefunds(tx, this.#horizon)) conversions.remaining[no] = remaining;
    await gatherPersons(tx, lookbackMicros);
    for (const no of await withdrawnPersons(tx)) conversions.isSpecial[no] = 1;
    const rows = this.#rows;
    rows.clear();
    const row = new BinaryRow(9);
    // A small slice goes person by person through the index: the planner would rather read all touchpoints of the program once. For a large
    // one that pass costs less.
    await tx.query(`select set_config('enable_seqscan', $1, true)`, [size < LARGE_SLICE ? 'off' : 'on']);
    const span = await spanOfPersons(tx);
    const touchpoints = `${touchpointsOf(tx, this.#horizon, span)} limit ${most + 1}`;
    await eachBinaryRow(copyOut(tx, touchpoints), row, () => {
      const said = this.#traits.noteRow(row, 3);
      rows.add(row.int4(0), row.micros(1), row.micros(2), said, this.origins.noteRow(row, 6), row, 8);
    });
    await tx.query(`select set_config('enable_seqscan', 'on', true)`);
    if (rows.length > most) return null;
    await this.#traits.readPartners(tx);
    return { ...conversions, ...this.#arrange(conversions.at), types: this.#types };
  }

  async #readConversions(tx: Tx, size: number) {
    const at = new Float64Array(size);
    const remaining = new Float64Array(size);
    const type = new Int32Array(size);
    const isSpecial = new Uint8Array(size);
    const row = new BinaryRow(5);
    await eachBinaryRow(
      copyOut(tx, 'select no, occurred_at, value_minor, type, is_child from credit_slice'),
      row,
      () => {
        const no = row.int4(0);
        at[no] = row.micros(1);
        remaining[no] = row.int8(2);
        type[no] = this.#typeIndex(row.text(3)!);
        isSpecial[no] = row.boolean(4) ? 1 : 0;
      },
    );
    return { count: size, at, remaining, type, isSpecial };
  }

  #typeIndex(type: string): number {
    const known = this.#types.indexOf(type);
    return known >= 0 ? known : this.#types.push(type) - 1;
  }

  #arrange(conversionAt: Float64Array) {
    const rows = this.#rows;
    const { order, start } = rows.inOrder(conversionAt.length);
    const touchedAt = new Float64Array(rows.length);
    const trait = new Int32Array(rows.length);
    const origin = new Int32Array(rows.length);
    for (let index = 0; index < rows.length; index += 1) {
      const at = order[index]!;
      const occurredAt = rows.occurredAt[at]!;
      touchedAt[index] = occurredAt;
      trait[index] = this.#traits.traitOf(rows.said[at]!, occurredAt, conversionAt[rows.conversion[at]!]!);
      origin[index] = rows.origin[at]!;
    }
    return { start, touchedAt, trait, origin, traits: this.#traits.traits };
  }
}

function copyOut(tx: Tx, select: string): AsyncIterable<Buffer> {
  return tx.client.query(copyTo(`copy (${select}) to stdout (format binary)`));
}

/** Everything that the persons of the slice touched, as `readJourneys` of `queries/conversion-facts.ts` defines it. */
function touchpointsOf(tx: Tx, horizon: string, { fromAt, toAt }: { fromAt: string; toAt: string }): string {
  const instant = (at: string) => `${tx.client.escapeLiteral(at)}::timestamptz`;
  const program = tx.client.escapeLiteral(tx.programId);
  const limit = `${tx.client.escapeLiteral(horizon)}::timestamptz`;
  return `
    select p.no, t.occurred_at, t.received_at, t.kind, t.channel, t.partner_id, t.content_id, t.sub_id, t.id
    from credit_person p
    join touchpoint t on t.program_id = ${program} and t.identity_id = p.id
      and t.occurred_at <= p.occurred_at and t.occurred_at >= p.from_at
      and t.occurred_at between ${instant(fromAt)} and ${instant(toAt)}
      and (t.received_at < p.before or (t.approved_by is not null and t.received_at < ${limit}))
    where not exists (
      select from touchpoint_void v where v.program_id = ${program} and v.touchpoint_id = t.id and v.received_at < ${limit}
    )`;
}

/** What remains of those conversions of the slice that have refunds received before the horizon, by their number. */
async function remainingAfterRefunds(tx: Tx, horizon: string): Promise<Map<number, number>> {
  const { rows } = await tx.query<RefundFact & { no: number; saleMinor: number; saleCurrency: string }>(
    `select s.no, s.value_minor as "saleMinor", s.currency as "saleCurrency", r.id, r.external_id as "externalId", s.id as "conversionId",
       r.value_minor as "valueMinor", r.currency, r.received_at as "receivedAt", d.state, d.value_minor as "decidedMinor"
     from credit_slice s
     join refund r on r.program_id = $1 and r.conversion_external_id = s.external_id and r.received_at < $2
     left join refund_decision d on d.program_id = r.program_id and d.refund_id = r.id
     order by r.received_at, r.id`,
    [tx.programId, horizon],
  );
  const remaining = new Map<number, number>();
  for (const refunds of groupBy(rows, ({ conversionId }) => conversionId).values()) {
    const { no, saleMinor, saleCurrency } = refunds[0]!;
    const sale: Pick<ConversionFact, 'id' | 'valueMinor' | 'currency'> = {
      id: refunds[0]!.conversionId,
      valueMinor: saleMinor,
      currency: saleCurrency,
    };
    remaining.set(no, decideRefunds(sale, refunds).remainingMinor);
  }
  return remaining;
}
