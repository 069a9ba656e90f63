/** Types of columns whose cells can travel in binary. */
export type CellType = keyof typeof FORMS;

/** How the text of a cell is written in PostgreSQL's binary form. */
interface Form {
  oid: number;
  /** Bytes that a cell needs at most, if no letter needs more than `letterBytes`. */
  most(cell: string, letterBytes: number): number;
  /** @returns the bytes that were written, or `UNWRITTEN`, or `TOO_WIDE` when a letter needs more than `letterBytes` */
  write(bytes: Buffer, at: number, cell: string, letterBytes: number): number;
}

const HEADER_BYTES = 20;
const JSONB_VERSION = 1;
const UNWRITTEN = -1;
const TOO_WIDE = -2;
/** Of ASCII, and of any other letter in UTF-8 (a pair of surrogates needs four for both). */
const [NARROW, WIDE] = [1, 3];
const MICROS = 1_000_000;
const TWO_TO_32 = 4_294_967_296;
const Y2000_MS = Date.UTC(2000, 0, 1);
const BEYOND_ASCII = /[\x80-\uffff]/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

const FORMS = {
  text: { oid: 25, most: (cell, letterBytes) => cell.length * letterBytes, write: writeText },
  bytea: { oid: 17, most: (cell) => cell.length / 2, write: (bytes, at, cell) => bytes.write(cell, at, 'hex') },
  timestamptz: { oid: 1184, most: () => 8, write: writeInstant },
  boolean: { oid: 16, most: () => 1, write: (bytes, at, cell) => bytes.writeUInt8(cell === 't' ? 1 : 0, at) - at },
  jsonb: {
    oid: 3802,
    most: (cell, letterBytes) => 1 + cell.length * letterBytes,
    write: (bytes, at, cell, letterBytes) => {
      const written = writeText(bytes, bytes.writeUInt8(JSONB_VERSION, at), cell, letterBytes);
      return written < 0 ? written : 1 + written;
    },
  },
} satisfies Record<string, Form>;

/**
 * Cells as a parameter of an array type: in binary, because the driver and the server would take text apart letter by letter. The driver sends
 * a Buffer in binary; the cast in the statement says what it is. Instants beyond those of the intake make the column go as text.
 * @param cells at least one
 */
export function cellArray(type: CellType, cells: readonly (string | null)[]): Buffer | readonly (string | null)[] {
  // Nearly all text is ASCII: room for more would cost pages that are cleared for nothing.
  let array = written(FORMS[type], cells, NARROW);
  if (array === TOO_WIDE) array = written(FORMS[type], cells, WIDE);
  return typeof array === 'number' ? cells : array;
}

function written({ oid, most, write }: Form, cells: readonly (string | null)[], letterBytes: number): Buffer | number {
  let length = HEADER_BYTES;
  let hasNull = 0;
  for (const cell of cells) {
    length += 4;
    if (cell === null) hasNull = 1;
    else length += most(cell, letterBytes);
  }
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const word of [1, hasNull, oid, cells.length, 1]) at = bytes.writeInt32BE(word, at);
  for (const cell of cells) {
    if (cell === null) {
      at = bytes.writeInt32BE(-1, at);
      continue;
    }
    const size = write(bytes, at + 4, cell, letterBytes);
    if (size < 0) return size;
    at = bytes.writeInt32BE(size, at) + size;
  }
  return bytes.subarray(0, at);
}

/** Short text of ASCII byte by byte, which costs less than a call into the runtime; all other text by that call. */
function writeText(bytes: Buffer, at: number, cell: string, letterBytes: number): number {
  const { length } = cell;
  if (length > 64) return letterBytes === NARROW && BEYOND_ASCII.test(cell) ? TOO_WIDE : bytes.write(cell, at);
  for (let index = 0; index < length; index += 1) {
    const code = cell.charCodeAt(index);
    if (code > 127) return letterBytes === NARROW ? TOO_WIDE : bytes.write(cell, at);
    bytes[at + index] = code;
  }
  return length;
}

/** Microseconds since 2000. */
function writeInstant(bytes: Buffer, at: number, cell: string): number {
  if (!INSTANT.test(cell)) return UNWRITTEN;
  const seconds = (epochMs(cell) - Y2000_MS) / 1_000;
  const places = cell.length - 21;
  const micros = seconds * MICROS + (places > 0 ? numberAt(cell, 20, places) * 10 ** (6 - places) : 0);
  if (!Number.isSafeInteger(micros)) return UNWRITTEN;
  const high = Math.floor(micros / TWO_TO_32);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(micros - high * TWO_TO_32, at + 4);
  return 8;
}

/** Of the whole second. Days that every month has need no calendar; the rest, and what is no instant, is left to the runtime's reader. */
function epochMs(cell: string): number {
  const [month, day] = [numberAt(cell, 5, 2), numberAt(cell, 8, 2)];
  const [hour, minute, second] = [numberAt(cell, 11, 2), numberAt(cell, 14, 2), numberAt(cell, 17, 2)];
  const year = numberAt(cell, 0, 4);
  const isPlain =
    year >= 1_970 && month > 0 && month < 13 && day > 0 && day < 29 && hour < 24 && minute < 60 && second < 60;
  return isPlain ? Date.UTC(year, month - 1, day, hour, minute, second) : Date.parse(`${cell.slice(0, 19)}Z`);
}

function numberAt(text: string, from: number, length: number): number {
  let number = 0;
  for (let at = from; at < from + length; at += 1) number = number * 10 + text.charCodeAt(at) - 48;
  return number;
}
