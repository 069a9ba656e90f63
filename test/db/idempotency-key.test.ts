import { beforeAll, describe, expect, it } from '@jest/globals';
import { keep } from '../../api/idempotency.ts';
import type { ApiDeps } from '../../api/deps.ts';
import type { Route } from '../../api/route.ts';
import type { Pool } from '../../db/pool.ts';
import { abandonKey, claimKey, deleteOldKeys, finishKey, releaseKey } from '../../db/queries/idempotency-key.ts';
import type { ClaimedKey } from '../../db/queries/idempotency-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
let programId: string;

useTestPool((opened) => (pool = opened));
beforeAll(async () => {
  ({ programId } = await aProgram(pool));
});

const inProgram = <Result>(work: (tx: Tx) => Promise<Result>, program = programId) =>
  inTransaction(pool, program, work);
const scope = (key: string) => ({ actor: 'person/per_1', route: 'POST /v1/partners', key });
const claim = (key: string, { requestHash = 'h', leaseMs = 60_000, program = programId } = {}) =>
  inProgram((tx) => claimKey(tx, { ...scope(key), requestHash, leaseMs }), program);
const answer = (key: string, body: object = { id: key }, program = programId) =>
  inProgram((tx) => finishKey(tx, scope(key), 201, body), program);

/** Lets a key be so old, by the database's clock. */
async function makeOld(key: string, age: string, program = programId): Promise<void> {
  await inProgram(
    (tx) =>
      tx.query(
        'update idempotency_key set created_at = clock_timestamp() - $3::interval where program_id = $1 and key = $2',
        [tx.programId, key, age],
      ),
    program,
  );
}

async function keysOf(program = programId): Promise<string[]> {
  const { rows } = await inProgram(
    (tx) => tx.query<{ key: string }>('select key from idempotency_key where program_id = $1 order by key', [program]),
    program,
  );
  return rows.map(({ key }) => key);
}

describe('the answer under a key', () => {
  it('is repeated for thirty days, and afterwards the key is a new one, with whatever is sent', async () => {
    const first = await claim('aged');
    await answer('aged');
    await makeOld('aged', '29 days 23 hours');
    expect(await claim('aged')).toEqual({ kind: 'done', status: 201, body: { id: 'aged' } });
    expect(await claim('aged', { requestHash: 'other' })).toEqual({ kind: 'reused' });

    await makeOld('aged', '30 days 1 hour');
    const again = await claim('aged', { requestHash: 'other' });
    expect(again).toEqual({ kind: 'claimed', seed: expect.any(String), lease: expect.any(String) });
    expect(again).not.toEqual(first);
    await inProgram((tx) => abandonKey(tx, { ...scope('aged'), lease: leaseOf(again) }));
  });

  it('is deleted when it is older, of one program at a time, and a younger one stays', async () => {
    const { programId: neighbour } = await aProgram(pool);
    for (const key of ['old', 'older', 'young']) {
      await claim(key);
      await answer(key);
    }
    await claim('old', { program: neighbour });
    for (const program of [programId, neighbour]) await makeOld('old', '30 days 1 minute', program);
    await makeOld('older', '400 days');
    await makeOld('young', '29 days 23 hours');

    expect(await inProgram(deleteOldKeys)).toBe(2);
    expect(await keysOf()).toEqual(['young']);
    expect(await keysOf(neighbour)).toEqual(['old']);
    expect(await inProgram(deleteOldKeys)).toBe(0);
    await inProgram(deleteOldKeys, neighbour);
    expect(await keysOf(neighbour)).toEqual([]);
  });

  it.each([200, 201, 204, 299])('%i is kept', async (status) => {
    const key = `kept-${status}`;
    await keepAnswer(key, status, await claim(key));
    expect(await claim(key)).toMatchObject({ kind: 'done', status });
  });

  it.each([302, 400, 409, 500, 503])('%i is not kept, and the key is free at once', async (status) => {
    const key = `kept-${status}`;
    await keepAnswer(key, status, await claim(key));
    expect(await claim(key, { requestHash: 'mended' })).toMatchObject({ kind: 'claimed' });
  });

  it('is waited for while the first request runs; one that is let go, or gone, is claimed again with its seed', async () => {
    const first = await claim('crash');
    const same = { ...first, lease: expect.any(String) };
    expect(await claim('crash')).toEqual({ kind: 'running' });
    await inProgram((tx) => releaseKey(tx, { ...scope('crash'), lease: leaseOf(first) }));
    expect(await claim('crash', { leaseMs: 0 })).toEqual(same);
    expect(await claim('crash')).toEqual(same);
    expect(await claim('crash')).toEqual({ kind: 'running' });
  });

  it.each([
    ['refused', abandonKey],
    ['let go', releaseKey],
  ])('stays with the second request when the first, whose time was over, is %s', async (how, end) => {
    const key = `long-${how}`;
    const first = await claim(key, { leaseMs: 0 });
    expect(await claim(key)).toMatchObject({ kind: 'claimed' });
    await inProgram((tx) => end(tx, { ...scope(key), lease: leaseOf(first) }));
    expect(await claim(key)).toEqual({ kind: 'running' });
    await answer(key);
    expect(await claim(key)).toMatchObject({ kind: 'done' });
  });
});

const leaseOf = (claimed: ClaimedKey) => (claimed as ClaimedKey & { kind: 'claimed' }).lease;

function keepAnswer(key: string, status: number, claimed: ClaimedKey): Promise<void> {
  const call = { programId, ...scope(key), lease: leaseOf(claimed) };
  return keep({ pool } as ApiDeps, call, {} as Route, { status, body: { id: key } });
}
