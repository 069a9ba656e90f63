import { to as copyTo } from 'pg-copy-streams';
import type { JourneyColumns } from '../../../domain/attribution/columns/trait.ts';
import { epochMicros, instantOfMicros } from '../../../domain/time/instant.ts';
import { journeyParameters, PERSONS, TOUCHPOINT, touchedBy, VOID, withLiterals } from '../../queries/journey-facts.ts';
import type { JourneyReading, TouchpointFact } from '../../queries/journey-facts.ts';
import type { Tx } from '../../transaction.ts';
import { BinaryRow, eachBinaryRow } from './binary-rows.ts';
import type { Origin } from './origin-index.ts';
import { TraitIndex } from './trait-index.ts';

/** More of one conversion are no journey: they would neither fit into a worker nor into the time of a transaction. */
export const MOST_TOUCHPOINTS = 3_000_000;
/** Different kinds, channels and partners of one journey. */
export const MOST_TRAITS = 20_000;

/**
 * By the text of the id as the plain rules compare it, which is by UTF-16: characters beyond the first 65,536 stand before the last of these.
 * Nearly all ids are ASCII, of which the bytes are in that order already.
 */
const ID = `(case when octet_length(t.id) = length(t.id) then t.id
  else regexp_replace(t.id, '([\\uE000-\\uFFFF])', chr(1114111) || '\\1', 'g') end) collate "C"`;

/** Which conversion, and what remains of its value after refunds, in smallest units. */
export interface LongReading extends JourneyReading {
  /** The scope of this conversion alone. */
  scopes: readonly [JourneyReading['scopes'][number]];
  reachMicros: number;
  remainingMinor: number;
}

/**
 * The journey of one conversion in a few bytes per touchpoint, in its order, however long it is. Touchpoints that are voided, later than the
 * conversion or out of reach are not in it. Ids and origins stay in the database until somebody asks for those of a few.
 */
export class LongJourney {
  readonly columns: JourneyColumns;
  readonly #tx: Tx;
  readonly #reading: LongReading;

  private constructor(tx: Tx, reading: LongReading, columns: JourneyColumns) {
    this.#tx = tx;
    this.#reading = reading;
    this.columns = columns;
  }

  /** @returns null for more than `MOST_TOUCHPOINTS` touchpoints or `MOST_TRAITS` traits */
  static async read(tx: Tx, reading: LongReading): Promise<LongJourney | null> {
    const index = new TraitIndex(reading.horizon);
    let touchedAt = new Float64Array(65_536);
    let said = new Int32Array(65_536);
    let length = 0;
    let mostSaid = 0;
    const row = new BinaryRow(4);
    const stream: AsyncIterable<Buffer> = tx.client.query(
      copyTo(`copy (${inOrder(tx, reading)}) to stdout (format binary)`),
    );
    await eachBinaryRow(stream, row, () => {
      // The rest is read and dropped: a copy cannot be left half-way.
      if (mostSaid >= MOST_TRAITS) return;
      if (length === touchedAt.length) {
        touchedAt = grown(touchedAt, new Float64Array(length * 2));
        said = grown(said, new Int32Array(length * 2));
      }
      touchedAt[length] = row.micros(0);
      said[length] = index.noteRow(row, 1);
      mostSaid = Math.max(mostSaid, said[length]!);
      length += 1;
    });
    if (length > MOST_TOUCHPOINTS || mostSaid >= MOST_TRAITS) return null;
    await index.readPartners(tx);
    const at = epochMicros(reading.scopes[0].occurredAt);
    for (let place = 0; place < length; place += 1) said[place] = index.traitOf(said[place]!, touchedAt[place]!, at);
    return new LongJourney(tx, reading, {
      count: 1,
      at: Float64Array.of(at),
      remaining: Float64Array.of(reading.remainingMinor),
      start: Int32Array.of(0, length),
      touchedAt: touchedAt.subarray(0, length),
      trait: said.subarray(0, length),
      traits: index.traits,
    });
  }

  get length(): number {
    return this.columns.touchedAt.length;
  }

  /** The newest touchpoints, newest first: the n-th of them has the index `length - 1 - n`. */
  async newest(most: number): Promise<TouchpointFact[]> {
    const { rows } = await this.#tx.query<TouchpointFact>(
      `${PERSONS} select ${TOUCHPOINT} ${fromOf(this.#reading)} order by t.occurred_at desc, t.received_at desc, ${ID} desc limit $9`,
      [...journeyParameters(this.#tx, this.#reading), most],
    );
    return rows;
  }

  /** Content and sub-id of the touchpoints at these indexes. */
  async originsOf(indexes: readonly number[]): Promise<Map<number, Origin>> {
    if (indexes.length === 0) return new Map();
    const { touchedAt } = this.columns;
    const places = indexes.map((index) => {
      let first = index;
      while (first > 0 && touchedAt[first - 1] === touchedAt[index]) first -= 1;
      return index - first;
    });
    const { rows } = await this.#tx.query<Origin & { index: number }>(
      `${PERSONS}
       select w.index, o.*
       from unnest($9::integer[], $10::timestamptz[], $11::integer[]) as w (index, at, place)
       cross join lateral (
         select t.content_id as "contentId", t.sub_id as "subId" ${fromOf(this.#reading, 't.occurred_at = w.at')}
         order by t.received_at, ${ID}
         offset w.place limit 1
       ) o`,
      [
        ...journeyParameters(this.#tx, this.#reading),
        indexes,
        indexes.map((index) => instantOfMicros(touchedAt[index]!)),
        places,
      ],
    );
    return new Map(rows.map(({ index, contentId, subId }) => [index, { contentId, subId }]));
  }
}

function fromOf({ reachMicros }: LongReading, only?: string): string {
  return `from ${touchedBy(reachMicros, only)} where not exists (${VOID})`;
}

function inOrder(tx: Tx, reading: LongReading): string {
  const text = `${PERSONS} select t.occurred_at, t.kind, t.channel, t.partner_id ${fromOf(reading)}
    order by t.occurred_at, t.received_at, ${ID} limit ${MOST_TOUCHPOINTS + 1}`;
  return withLiterals(tx, text, journeyParameters(tx, reading));
}

function grown<Column extends Float64Array | Int32Array>(before: Column, after: Column): Column {
  after.set(before);
  return after;
}
