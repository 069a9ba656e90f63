/** Types of columns whose cells can travel in binary. */
export type CellType = keyof typeof FORMS;

/** How the text of a cell is written in PostgreSQL's binary form. */
interface Form {
  oid: number;
  /** Bytes that a cell needs at most. */
  most(cell: string): number;
  /** @returns the bytes that were written, or `UNWRITTEN` */
  write(bytes: Buffer, at: number, cell: string): number;
}

const HEADER_BYTES = 20;
const JSONB_VERSION = 1;
const UNWRITTEN = -1;
const MICROS = 1_000_000;
const TWO_TO_32 = 4_294_967_296;
const Y2000_MS = Date.UTC(2000, 0, 1);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

const utf8Bytes = (cell: string) => cell.length * 3;

const FORMS = {
  text: { oid: 25, most: utf8Bytes, write: writeText },
  bytea: { oid: 17, most: (cell) => cell.length / 2, write: (bytes, at, cell) => bytes.write(cell, at, 'hex') },
  timestamptz: { oid: 1184, most: () => 8, write: writeInstant },
  boolean: { oid: 16, most: () => 1, write: (bytes, at, cell) => bytes.writeUInt8(cell === 't' ? 1 : 0, at) - at },
  jsonb: {
    oid: 3802,
    most: (cell) => 1 + utf8Bytes(cell),
    write: (bytes, at, cell) => 1 + writeText(bytes, bytes.writeUInt8(JSONB_VERSION, at), cell),
  },
} satisfies Record<string, Form>;

/**
 * Cells as a parameter of an array type: in binary, because the driver and the server would take text apart letter by letter. The driver sends
 * a Buffer in binary; the cast in the statement says what it is. Instants beyond those of the intake make the column go as text.
 * @param cells at least one
 */
export function cellArray(type: CellType, cells: readonly (string | null)[]): Buffer | readonly (string | null)[] {
  const { oid, most, write }: Form = FORMS[type];
  let length = HEADER_BYTES;
  let hasNull = 0;
  for (const cell of cells) {
    length += 4;
    if (cell === null) hasNull = 1;
    else length += most(cell);
  }
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const word of [1, hasNull, oid, cells.length, 1]) at = bytes.writeInt32BE(word, at);
  for (const cell of cells) {
    if (cell === null) {
      at = bytes.writeInt32BE(-1, at);
      continue;
    }
    const written = write(bytes, at + 4, cell);
    if (written === UNWRITTEN) return cells;
    at = bytes.writeInt32BE(written, at) + written;
  }
  return bytes.subarray(0, at);
}

/** Short text of ASCII byte by byte, which costs less than a call into the runtime; all other text by that call. */
function writeText(bytes: Buffer, at: number, cell: string): number {
  const { length } = cell;
  if (length > 64) return bytes.write(cell, at);
  for (let index = 0; index < length; index += 1) {
    const code = cell.charCodeAt(index);
    if (code > 127) return bytes.write(cell, at);
    bytes[at + index] = code;
  }
  return length;
}

/** Microseconds since 2000. */
function writeInstant(bytes: Buffer, at: number, cell: string): number {
  if (!INSTANT.test(cell)) return UNWRITTEN;
  const seconds = (Date.parse(`${cell.slice(0, 19)}Z`) - Y2000_MS) / 1_000;
  const micros = seconds * MICROS + (cell.length > 20 ? Number(cell.slice(20, -1).padEnd(6, '0')) : 0);
  if (!Number.isSafeInteger(micros)) return UNWRITTEN;
  const high = Math.floor(micros / TWO_TO_32);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(micros - high * TWO_TO_32, at + 4);
  return 8;
}
