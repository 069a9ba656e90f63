import { createHash } from 'node:crypto';
import { PLACEHOLDER_WORDS } from '../../domain/attribution/identity.ts';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'];
/** A shop hashes whatever stands in the field, as its language spells it. */
const SPELLINGS = [
  (word: string) => word,
  (word: string) => word.toUpperCase(),
  (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1),
  (word: string) => `${word}\n`,
  () => 'NaN',
  () => '[object Object]',
];

const HASHES = new Set(
  [...PLACEHOLDER_WORDS].flatMap((word) =>
    SPELLINGS.flatMap((spell) =>
      ALGORITHMS.map((algorithm) => createHash(algorithm).update(spell(word)).digest('hex')),
    ),
  ),
);

/** Whether a value is the hash, in hexadecimal digits, of a word that names nobody: it would make one person of all guests of a shop. */
export function isHashOfNobody(value: string): boolean {
  return HASHES.has(value.trim().toLowerCase());
}
