import { endianness } from 'node:os';

const INT4_OID = 23;
const INT8_OID = 20;
const HEADER_WORDS = 5;
const IS_SWAPPED = endianness() === 'LE';

/**
 * Numbers as a binary parameter of type integer[]: a hundred thousand values reach the server without a text of any. The driver sends a
 * Buffer in binary, and the statement's cast says what it is.
 */
export function int4Array(length: number, valueAt: (index: number) => number): Buffer {
  const words = startWords(INT4_OID, length, 2);
  for (let index = 0, at = HEADER_WORDS; index < length; index += 1, at += 2) {
    words[at] = 4;
    words[at + 1] = valueAt(index);
  }
  return inNetworkOrder(words);
}

/** The same of bigint[], for safe integers of either sign. */
export function int8Array(length: number, valueAt: (index: number) => number): Buffer {
  const words = startWords(INT8_OID, length, 3);
  for (let index = 0, at = HEADER_WORDS; index < length; index += 1, at += 3) {
    const value = valueAt(index);
    words[at] = 8;
    words[at + 1] = Math.floor(value / 4_294_967_296);
    words[at + 2] = value;
  }
  return inNetworkOrder(words);
}

/** One dimension without nulls, counted from 1; an empty array has none. */
function startWords(oid: number, length: number, wordsEach: number): Int32Array {
  if (length === 0) throw new Error('An empty array has another form; leave the statement out.');
  const words = new Int32Array(HEADER_WORDS + length * wordsEach);
  words.set([1, 0, oid, length, 1]);
  return words;
}

/** All of it is words of four bytes, which one call turns round. */
function inNetworkOrder(words: Int32Array): Buffer {
  const bytes = Buffer.from(words.buffer);
  return IS_SWAPPED ? bytes.swap32() : bytes;
}
