import { expect, it } from '@jest/globals';
import { readJourneysOf } from '../../api/journeys.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** What reading an import of so many paths, each of so many steps, comes to. */
async function readImport(paths: number, steps: number, kind = 'journeys') {
  const { programId } = await aProgram(pool);
  const importId = newId('import');
  await inTransaction(pool, programId, async (tx) => {
    await tx.query(
      `insert into import (program_id, id, kind, format, state, created_by) values ($1, $2, $3, 'csv', 'done', 'per_x')`,
      [programId, importId, kind],
    );
    await tx.query(
      `insert into import_journey (program_id, import_id, line, path, conversions, value, nulls)
       select $1, $2, n, array_fill('a'::text, array[$4::int]), 1, 1, 0 from generate_series(1, $3) n`,
      [programId, importId, paths, steps],
    );
  });
  return inTransaction(pool, programId, (tx) => readJourneysOf(tx, { importId })).then(
    ({ journeys }) => journeys.length,
    ({ details }) => details.errors[0].path as string,
  );
}

it.each([
  ['200,001 paths', 200_001, 1],
  ['2,001,000 steps', 2_001, 1_000],
])('journeys of an import with %s are refused before they are read', async (_, paths, steps) => {
  expect(await readImport(paths, steps)).toBe('source.importId');
});

it('journeys of an import are read up to those limits, and of no other kind of import', async () => {
  expect(await readImport(2_000, 1_000)).toBe(2_000);
  expect(await readImport(1, 1, 'touchpoints')).toBe('source.importId');
});
