const INT4_OID = 23;
const INT8_OID = 20;
const HEADER_BYTES = 20;

/**
 * Numbers as a binary parameter of type integer[]: a hundred thousand values reach the server without a text of any. The driver sends a
 * Buffer in binary, and the statement's cast says what it is.
 */
export function int4Array(length: number, valueAt: (index: number) => number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length * 8);
  let at = writeHeader(bytes, INT4_OID, length);
  for (let index = 0; index < length; index += 1) at = bytes.writeInt32BE(valueAt(index), bytes.writeInt32BE(4, at));
  return bytes;
}

/** The same of bigint[], for safe integers of either sign. */
export function int8Array(length: number, valueAt: (index: number) => number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length * 12);
  let at = writeHeader(bytes, INT8_OID, length);
  for (let index = 0; index < length; index += 1) {
    const value = valueAt(index);
    const high = Math.floor(value / 4_294_967_296);
    at = bytes.writeInt32BE(high, bytes.writeInt32BE(8, at));
    at = bytes.writeUInt32BE(value - high * 4_294_967_296, at);
  }
  return bytes;
}

/** One dimension without nulls, counted from 1; an empty array has none. */
function writeHeader(bytes: Buffer, oid: number, length: number): number {
  if (length === 0) throw new Error('An empty array has another form; leave the statement out.');
  let at = 0;
  for (const word of [1, 0, oid, length, 1]) at = bytes.writeInt32BE(word, at);
  return at;
}
