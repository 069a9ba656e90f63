import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { LinkCache } from '../../api/redirect/link-cache.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { insertLink } from '../../db/queries/link.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/postgres.ts';
import type { TestPostgres } from '../support/postgres.ts';

let postgres: TestPostgres;
let pool: Pool;
let programId: string;
beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  ({ programId } = await aProgram(pool));
  await makeLinks('c1', 'c2', 'c3', 'c4', 'c5', 'c6');
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

it('holds no more links than it may, and lets the one go that was followed longest ago', async () => {
  const links = new LinkCache(pool, { most: 4 });
  for (const code of ['c1', 'c2', 'c3', 'c4']) await links.find(code);
  expect(inMemory(links)).toEqual(['c1', 'c2', 'c3', 'c4']);
  // Looking is following: the order of the last look was c1 to c4, and c1 comes last again.
  links.get('c1');
  await links.find('c5');
  expect(inMemory(links)).toEqual(['c1', 'c3', 'c4', 'c5']);
  await links.find('c6');
  expect(inMemory(links)).toEqual(['c3', 'c4', 'c5', 'c6']);
});

it('finds a link again that it let go', async () => {
  const links = new LinkCache(pool, { most: 1 });
  for (const code of ['c1', 'c2', 'c1']) expect(await links.find(code)).toMatchObject({ programId, link: { code } });
  expect(inMemory(links)).toEqual(['c1']);
});

it('asks for a code that nobody has once in a while only, and remembers no more of them than it may', async () => {
  const links = new LinkCache(pool, { most: 2, unknownForMs: 3_600_000 });
  for (const code of ['new-1', 'new-2']) expect(await links.find(code)).toBeUndefined();
  await makeLinks('new-1', 'new-2');
  expect(await links.find('new-1')).toBeUndefined();
  expect(await links.find('nobody-has-this')).toBeUndefined();
  expect(await links.find('new-1')).toMatchObject({ link: { code: 'new-1' } });
  expect(await links.find('new-2')).toBeUndefined();
});

function inMemory(links: LinkCache): string[] {
  // Looked up in this order, all of them, so that the order in memory stays the same relative to each other.
  return ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'].filter((code) => links.get(code) !== undefined);
}

function makeLinks(...codes: string[]): Promise<void> {
  return inTransaction(pool, programId, async (tx) => {
    for (const code of codes)
      await insertLink(tx, { partnerId: null, code, destination: 'https://shop.example/', channel: 'tv' });
  });
}
