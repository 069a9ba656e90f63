import { expect, it } from '@jest/globals';
import { LARGE_SLICE, sliceOfScopes } from '../../../db/attribution/columns/slice.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';

const FAR = '2100-01-01T00:00:00Z';
const HORIZON = '2026-06-01T00:00:00Z';
const SURPLUS = 6;
let pool: Pool;

useTestPool((opened) => (pool = opened));

it('numbers the conversions of a large slice by their id, whatever order they are named in, and leaves out what it was not given', async () => {
  const { programId } = await aProgram(pool);
  await inTransaction(pool, programId, (tx) =>
    tx.query(
      `insert into conversion (program_id, id, external_id, digest, type, value_minor, currency, occurred_at, received_at)
       select $1, 'cnv_' || lpad(n::text, 26, '0'), 'order-' || n, '', 'purchase', n, 'EUR', '2026-04-01',
         case when n = 7 then $3::timestamptz else '2026-04-01' end
       from generate_series(0, $2::integer - 1) n`,
      [programId, LARGE_SLICE + SURPLUS, HORIZON],
    ),
  );
  const idOf = (n: number) => `cnv_${String(n).padStart(26, '0')}`;
  const given = Array.from({ length: LARGE_SLICE + 2 }, (_, index) => index + 3).toReversed();
  const outside = new Set([100, 200]);
  const scopes = given.filter((n) => !outside.has(n)).map((n) => ({ conversionId: idOf(n), before: FAR }));
  expect(scopes).toHaveLength(LARGE_SLICE);
  await inTransaction(pool, programId, async (tx) => {
    // One of those named was received at the horizon.
    expect(await sliceOfScopes(tx, scopes, HORIZON)).toBe(LARGE_SLICE - 1);
    const { rows } = await tx.query<{ no: number; id: string }>('select no, id from credit_slice order by no');
    const expected = given.toReversed().filter((n) => !outside.has(n) && n !== 7);
    expect(rows).toEqual(expected.map((n, no) => ({ no, id: idOf(n) })));
  });
});
