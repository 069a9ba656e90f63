import { createHash } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const KEPT = 20;
const MADE = 6;

/**
 * The suffix of the n-th new thing of one request: the seed itself for the first, then the seed with its last 6 characters made from
 * the number, so that a repeated request names the same things.
 * @param seed 26 characters of a TypeID
 * @param index from 0
 */
export function nthSuffix(seed: string, index: number): string {
  if (index === 0) return seed;
  const digest = createHash('sha256').update(`${seed}\n${index}`).digest();
  const tail = Array.from({ length: MADE }, (_, at) => ALPHABET[digest[at]! % ALPHABET.length]!).join('');
  return seed.slice(0, KEPT) + tail;
}
