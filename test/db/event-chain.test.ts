import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { verifyChain } from '../../db/queries/chain-proof.ts';
import { sealEvents } from '../../db/queries/event-chain.ts';
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
const verify = (contentOf: 'all' | string[] = 'all') =>
  inTransaction(pool, programId, (tx) => verifyChain(tx, contentOf), { mode: 'snapshot' });

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

describe('what an owner of the tables does to the chain is told', () => {
  let owner: pg.Client;
  beforeAll(async () => {
    owner = new pg.Client(postgres.superuserUrl);
    await owner.connect();
    await owner.query('set session_replication_role = replica');
  });
  afterAll(() => owner.end());

  const aChain = async () => {
    ({ programId } = await aProgram(pool));
    const ids: string[] = [];
    for (let no = 0; no < 6; no += 1) {
      ids.push(await record(no));
      if (no % 2 === 1) await sealEvents(pool, programId);
    }
    expect(await verify()).toBeNull();
    expect(await verify(ids)).toBeNull();
    return ids;
  };
  const HOW: Record<string, [change: string, fault: string]> = {
    'an event is gone': ['delete from event where program_id = $1 and id = $2', 'Seal 2 has 1 events instead of 2'],
    'an event and its place are gone': [
      'with gone as (delete from event_sealed where program_id = $1 and event_id = $2) delete from event where program_id = $1 and id = $2',
      'Seal 2 has 1 events instead of 2',
    ],
    'a place is gone': [
      'delete from event_sealed where program_id = $1 and event_id = $2',
      'Seal 2 has 1 events instead of 2',
    ],
    'a digest is another': [
      `update event set digest = '\\x00' where program_id = $1 and id = $2`,
      'Seal 2 does not have the hash of its events',
    ],
    'two change their places': [
      `update event_sealed set seq = case when event_id = $2 then 104 else 103 end where program_id = $1 and batch = 2`,
      'Seal 2 does not have the hash of its events',
    ],
    'a seal is gone': [
      `delete from event_seal where program_id = $1 and batch = 2 and $2::text is not null`,
      'Seal 2 is in no chain, but has events',
    ],
    'the last seal is gone': [
      `delete from event_seal where program_id = $1 and batch = 3 and $2::text is not null`,
      'Seal 3 is in no chain, but has events',
    ],
    'a seal has another hash': [
      `update event_seal set hash = previous where program_id = $1 and batch = 2 and $2::text is not null`,
      'Seal 2 does not have the hash of its events',
    ],
    'a seal continues another': [
      `update event_seal set previous = hash where program_id = $1 and batch = 2 and $2::text is not null`,
      'Seal 2 does not continue the hash of the one before it',
    ],
    'numbers have a gap': [
      `update event_seal set first_seq = 4 where program_id = $1 and batch = 2 and $2::text is not null`,
      'Seal 2 does not follow the one before it',
    ],
  };
  it.each(Object.entries(HOW))('%s', async (_, [change, fault]) => {
    const ids = await aChain();
    await owner.query(change, [programId, ids[2]]);
    expect(await verify()).toContain(fault);
    expect(await verify([])).toContain(fault);
  });

  it('an event stands outside of the chain', async () => {
    const ids = await aChain();
    await owner.query(
      `insert into event (program_id, id, at, kind, actor_kind, subject_type, subject_id, data, digest)
       select program_id, 'evt_loose', at, kind, actor_kind, subject_type, subject_id, data, digest from event where id = $1`,
      [ids[0]],
    );
    expect(await verify([])).toContain('evt_loose');
  });

  it('a content is another: of these events, or of any', async () => {
    const ids = await aChain();
    await owner.query(`update event set data = '{"no": 7}' where id = $1`, [ids[4]]);
    expect(await verify()).toContain(ids[4]);
    expect(await verify(ids.slice(3))).toContain(ids[4]);
    expect(await verify(ids.slice(0, 4))).toBeNull();
  });
});

it('asks the database as often for a long chain as for a short one', async () => {
  const asked = async (seals: number) => {
    ({ programId } = await aProgram(pool));
    for (let no = 0; no < seals; no += 1) {
      await record(no);
      await sealEvents(pool, programId);
    }
    return inTransaction(pool, programId, async (tx) => {
      const query = jest.spyOn(tx, 'query');
      expect(await verifyChain(tx, 'all')).toBeNull();
      return query.mock.calls.length;
    });
  };
  expect(await asked(40)).toBe(await asked(2));
});

it('refuses a change of the record to the application', async () => {
  await expect(
    inTransaction(pool, programId, (tx) => tx.query('delete from event where program_id = $1', [programId])),
  ).rejects.toThrow(/permission denied|insert-only/);
});
