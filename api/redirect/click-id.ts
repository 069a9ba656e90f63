import { randomFillSync } from 'node:crypto';

const BYTES = 16;
/** Drawn for many at once: each draw asks the operating system. */
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

/** 128 random bits that nobody can guess, as 22 characters fit for a URL. */
export function newClickId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += BYTES;
  return pool.toString('base64url', used - BYTES, used);
}
