/** Bytes that one line may have: properties of 8 KiB, written in escapes, fit. */
export const LONGEST_LINE_BYTES = 65_536;

/** Why a line was refused, where it is not one of the reasons of the intake itself. */
export interface LineFault {
  code: string;
  detail: string;
}

/** One record of a file. `line` is where it begins, from 1; a record that cannot be read has a fault and no bytes. */
export interface ImportRecord {
  line: number;
  bytes: Buffer;
  fault?: LineFault;
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

/** The records of a chunk, as they were packed. */
export function unpackRecords(chunk: Buffer): ImportRecord[] {
  const records: ImportRecord[] = [];
  for (let at = 0; at < chunk.length;) {
    const line = chunk.readUInt32LE(at);
    const isFault = chunk.readUInt8(at + 4) === FAULT;
    const end = at + HEAD_BYTES + chunk.readUInt32LE(at + 5);
    const bytes = chunk.subarray(at + HEAD_BYTES, end);
    if (isFault) records.push({ line, bytes: Buffer.alloc(0), fault: JSON.parse(bytes.toString()) as LineFault });
    else records.push({ line, bytes });
    at = end;
  }
  return records;
}
