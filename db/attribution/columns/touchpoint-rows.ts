import { compareText } from '../../../domain/attribution/journey.ts';
import type { BinaryRow } from './binary-rows.ts';

/** Touchpoints in the order in which they come from the database, and their order within each conversion. One per run, used again per chunk. */
export class TouchpointRows {
  length = 0;
  conversion = new Int32Array(4_096);
  occurredAt = new Float64Array(4_096);
  receivedAt = new Float64Array(4_096);
  /** What the row says of kind, channel and partner (`TraitIndex`). */
  said = new Int32Array(4_096);
  /** Content and sub-id (`OriginIndex`). */
  origin = new Int32Array(4_096);
  #idEnds = new Int32Array(4_096);
  #ids = Buffer.alloc(131_072);

  clear(): void {
    this.length = 0;
  }

  /** @param field of the id, in `row` */
  add(
    conversion: number,
    occurredAt: number,
    receivedAt: number,
    said: number,
    origin: number,
    row: BinaryRow,
    field: number,
  ) {
    if (this.length === this.conversion.length) this.#makeRoom();
    const at = this.length;
    this.conversion[at] = conversion;
    this.occurredAt[at] = occurredAt;
    this.receivedAt[at] = receivedAt;
    this.said[at] = said;
    this.origin[at] = origin;
    const begin = at === 0 ? 0 : this.#idEnds[at - 1]!;
    const from = row.from[field]!;
    const end = begin + row.length[field]!;
    if (end > this.#ids.length) this.#ids = Buffer.concat([this.#ids], end * 2);
    row.bytes.copy(this.#ids, begin, from, from + row.length[field]!);
    this.#idEnds[at] = end;
    this.length = at + 1;
  }

  /** Indexes by conversion and, within one, in the order of a journey; and where each conversion's begin. */
  inOrder(conversions: number): { order: Int32Array; start: Int32Array } {
    const start = new Int32Array(conversions + 1);
    for (let at = 0; at < this.length; at += 1) start[this.conversion[at]! + 1]! += 1;
    for (let index = 0; index < conversions; index += 1) start[index + 1]! += start[index]!;
    const next = start.slice(0, conversions);
    const order = new Int32Array(this.length);
    for (let at = 0; at < this.length; at += 1) {
      const own = this.conversion[at]!;
      order[next[own]!] = at;
      next[own]! += 1;
    }
    for (let index = 0; index < conversions; index += 1) this.#sort(order, start[index]!, start[index + 1]!);
    return { order, start };
  }

  /** An index hands them out by time already, so nearly always this only looks once. */
  #sort(order: Int32Array, from: number, to: number): void {
    for (let at = from + 1; at < to; at += 1) {
      if (this.#compare(order[at - 1]!, order[at]!) <= 0) continue;
      order.subarray(from, to).sort((a, b) => this.#compare(a, b));
      return;
    }
  }

  #compare(a: number, b: number): number {
    return (
      this.occurredAt[a]! - this.occurredAt[b]! ||
      this.receivedAt[a]! - this.receivedAt[b]! ||
      // As text, because bytes would order rare characters otherwise than the plain rules.
      compareText(this.#id(a), this.#id(b))
    );
  }

  #id(at: number): string {
    return this.#ids.toString('utf8', at === 0 ? 0 : this.#idEnds[at - 1], this.#idEnds[at]);
  }

  #makeRoom(): void {
    const room = this.length * 2;
    this.conversion = grown(this.conversion, new Int32Array(room));
    this.occurredAt = grown(this.occurredAt, new Float64Array(room));
    this.receivedAt = grown(this.receivedAt, new Float64Array(room));
    this.said = grown(this.said, new Int32Array(room));
    this.origin = grown(this.origin, new Int32Array(room));
    this.#idEnds = grown(this.#idEnds, new Int32Array(room));
  }
}

function grown<Column extends Int32Array | Float64Array>(before: Column, after: Column): Column {
  after.set(before);
  return after;
}
