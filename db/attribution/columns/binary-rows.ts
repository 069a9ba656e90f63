/** Header of COPY's binary format: signature, flags, length of the extension. */
const HEADER_BYTES = 19;
/** Microseconds from 1970 to 2000, where PostgreSQL counts from. */
const EPOCH_2000_MICROS = 946_684_800_000_000;

/** The fields of one row where they lie in `bytes`; a length of −1 is a null. The same object for every row. */
export class BinaryRow {
  bytes: Buffer = Buffer.alloc(0);
  readonly from: Int32Array;
  readonly length: Int32Array;

  constructor(fields: number) {
    this.from = new Int32Array(fields);
    this.length = new Int32Array(fields);
  }

  int4(field: number): number {
    return this.bytes.readInt32BE(this.from[field]);
  }

  /** A bigint column whose values are safe integers. */
  int8(field: number): number {
    const at = this.from[field]!;
    return this.bytes.readInt32BE(at) * 4_294_967_296 + this.bytes.readUInt32BE(at + 4);
  }

  /** Microseconds since 1970 of a timestamptz, exact. */
  micros(field: number): number {
    return this.int8(field) + EPOCH_2000_MICROS;
  }

  boolean(field: number): boolean {
    return this.bytes[this.from[field]!] === 1;
  }

  text(field: number): string | null {
    const length = this.length[field]!;
    const from = this.from[field]!;
    return length < 0 ? null : this.bytes.toString('utf8', from, from + length);
  }
}

/**
 * Hands out the rows of `copy … to stdout (format binary)` one by one, without making an object of any.
 * @param take must not keep the row: it is used again
 * @returns how many rows came
 */
export async function eachBinaryRow(
  stream: AsyncIterable<Buffer>,
  row: BinaryRow,
  take: (row: BinaryRow) => void,
): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let isBegun = false;
  let rows = 0;
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    if (!isBegun) {
      if (bytes.length < HEADER_BYTES) {
        rest = bytes;
        continue;
      }
      at = HEADER_BYTES;
      isBegun = true;
    }
    row.bytes = bytes;
    for (;;) {
      const end = locate(bytes, at, row);
      if (end < 0) break;
      take(row);
      rows += 1;
      at = end;
    }
    rest = bytes.subarray(at);
  }
  return rows;
}

/** Notes where the fields of the row at `at` lie. @returns where the next row begins, or −1: it is not whole, or the trailer */
function locate(bytes: Buffer, at: number, { from, length }: BinaryRow): number {
  const end = bytes.length;
  if (at + 2 > end || bytes.readInt16BE(at) < 0) return -1;
  let next = at + 2;
  for (let field = 0; field < from.length; field += 1) {
    if (next + 4 > end) return -1;
    const size = bytes.readInt32BE(next);
    next += 4;
    from[field] = next;
    length[field] = size;
    if (size > 0) next += size;
  }
  return next > end ? -1 : next;
}
