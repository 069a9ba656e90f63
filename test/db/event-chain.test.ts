import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { sealEvents, verifyChain } from '../../db/queries/event-chain.ts';
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
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const record = (no: number, workflow?: { id: string; runId: string; activityId?: string }) =>
  inTransaction(pool, programId, (tx) =>
    recordEvent(tx, {
      kind: 'work.set-aside',
      actor: { kind: 'system' },
      subject: { type: 'program', id: programId },
      data: { no, nested: { b: 1, a: [1, 2] } },
      at: new Date().toISOString(),
      workflow,
    }),
  );
const verify = () => inTransaction(pool, programId, verifyChain, { mode: 'snapshot' });

it('seals each event once from several sealers at once, and the chain verifies', async () => {
  await Promise.all(Array.from({ length: 50 }, (_, index) => record(index)));
  const sealed = await Promise.all([1, 2, 3, 4].map(() => sealEvents(pool, programId)));
  expect(sealed.reduce((sum, count) => sum + count, 0)).toBe(50);
  await record(51);
  expect(await sealEvents(pool, programId)).toBe(1);
  expect(await sealEvents(pool, programId)).toBe(0);
  expect(await verify()).toBeNull();
});

it('covers the activity that wrote an event, and lets one from before activities were noted stand', async () => {
  await record(52, { id: 'w', runId: 'r' });
  const id = await record(53, { id: 'w', runId: 'r', activityId: '7' });
  await sealEvents(pool, programId);
  expect(await verify()).toBeNull();
  const owner = new pg.Client(postgres.superuserUrl);
  await owner.connect();
  await owner.query('set session_replication_role = replica');
  for (const forged of ['8', null]) {
    await owner.query('update event set activity_id = $2 where id = $1', [id, forged]);
    expect(await verify()).toContain(id);
  }
  await owner.query(`update event set activity_id = '7' where id = $1`, [id]);
  await owner.end();
  expect(await verify()).toBeNull();
});

it('tells which event an owner of the tables rewrote', async () => {
  const owner = new pg.Client(postgres.superuserUrl);
  await owner.connect();
  const { rows } = await owner.query<{ id: string }>('select id from event where program_id = $1 order by id limit 1', [
    programId,
  ]);
  await owner.query('set session_replication_role = replica');
  await owner.query(`update event set data = '{"no": 7}' where id = $1`, [rows[0]!.id]);
  await owner.end();
  expect(await verify()).toContain(rows[0]!.id);
});

it('refuses a change of the record to the application', async () => {
  await expect(
    inTransaction(pool, programId, (tx) => tx.query('delete from event where program_id = $1', [programId])),
  ).rejects.toThrow(/permission denied|insert-only/);
});
