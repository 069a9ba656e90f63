/** Bytes that one line may have: properties of 8 KiB, written in escapes, fit. */
export const LONGEST_LINE_BYTES = 65_536;

/** Why a line was refused, where it is not one of the reasons of the intake itself. */
export interface LineFault {
  code: string;
  detail: string;
}

/**
 * One record of a file. `line` is where it begins, from 1; a record that cannot be read has a fault and no bytes. One that `opens` a doubt and all
 * behind it may be taken back: by the next one that `replaces` them.
 */
export interface ImportRecord {
  line: number;
  bytes: Buffer;
  fault?: LineFault;
  doubt?: 'opens' | 'replaces';
}

const HEAD_BYTES = 9;
const ROW = 0;
const FAULT = 1;

/** Packs records into the bytes of one chunk: for each its line, whether it is a fault, its length, its bytes. */
export function packRecords(records: readonly ImportRecord[]): Buffer {
  return Buffer.concat(
    records.flatMap(({ line, bytes, fault }) => {
      const body = fault ? Buffer.from(JSON.stringify(fault)) : bytes;
      const head = Buffer.allocUnsafe(HEAD_BYTES);
      head.writeUInt32LE(line, 0);
      head.writeUInt8(fault ? FAULT : ROW, 4);
      head.writeUInt32LE(body.length, 5);
      return [head, body];
    }),
  );
}

/** One record of a packed chunk: where its bytes lie, or why there are none. */
export interface PackedRecord {
  line: number;
  from: number;
  to: number;
  fault: LineFault | null;
}

/** The records of a chunk, as they were packed. One object serves for all, until the next is asked for: a file has millions of records. */
export function* packedRecords(chunk: Buffer): Generator<PackedRecord> {
  const record: PackedRecord = { line: 0, from: 0, to: 0, fault: null };
  for (let at = 0; at < chunk.length; at = record.to) {
    const isFault = chunk.readUInt8(at + 4) === FAULT;
    record.line = chunk.readUInt32LE(at);
    record.from = at + HEAD_BYTES;
    record.to = record.from + chunk.readUInt32LE(at + 5);
    record.fault = isFault ? (JSON.parse(chunk.toString('utf8', record.from, record.to)) as LineFault) : null;
    yield record;
  }
}
