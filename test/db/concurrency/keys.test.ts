import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { queueMail } from '../../../db/queries/mail-outbox.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { World } from '../../activities/attribution/world.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let pool: Pool;
let root: pg.Client;
let world: World;
beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  root = new pg.Client({ connectionString: postgres.superuserUrl });
  await root.connect();
  const { programId } = await aProgram(pool);
  world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('s1', 10_000, '2026-03-10T00:00:00Z');
  await world.refund('r1', 's1', 100);
  await world.drain();
});
afterAll(async () => {
  await root.end();
  await pool.end();
  await postgres.stop();
});

/** The table of keys that make twice once, with the columns that name a cause; each stands in the database, whoever writes. */
const KEYS: [table: string, columns: string[]][] = [
  ['conversion', ['external_id']],
  ['refund', ['external_id']],
  ['touchpoint_key', ['id']],
  ['credit', ['conversion_id', 'generation', 'beneficiary_kind', 'beneficiary_id', 'channel', 'conversion_at']],
  ['commission', ['partner_id', 'conversion_id', 'revision']],
  ['commission', ['evaluation_id', 'conversion_id', 'partner_id', 'kind']],
  ['commission', ['adjustment_id']],
  ['ledger_entry', ['cause']],
  ['ledger_posting', ['entry_id', 'no']],
  ['statement_line', ['commission_id']],
  ['invoice', ['year', 'number']],
  ['invoice', ['statement_id']],
  ['task', ['workflow_id', 'workflow_key']],
  ['task', ['decision_id']],
  ['mail_outbox', ['key']],
  ['webhook_delivery', ['endpoint_id', 'event_id']],
  ['event_sealed', ['event_id']],
];

it.each(KEYS)('%s is unique in its program by %j', async (table, columns) => {
  const { rows } = await root.query<{ columns: string[] }>(
    `select array_agg(a.attname::text order by k.place) as columns
     from pg_index i, unnest(i.indkey::int[]) with ordinality as k (attnum, place)
     join pg_attribute a on a.attrelid = $1::regclass and a.attnum = k.attnum
     where i.indrelid = $1::regclass and i.indisunique and a.attrelid = i.indrelid group by i.indexrelid`,
    [table],
  );
  expect(rows.map((row) => row.columns)).toContainEqual(['program_id', ...columns]);
});

describe('the same again', () => {
  it.each(['conversion', 'commission', 'ledger_entry', 'credit', 'refund'])(
    'is refused by the database for a %s, also where nobody holds a lock',
    async (table) => {
      const again = inTransaction(pool, world.programId, (tx) =>
        tx.query(
          `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object('id', 'another'))).* from ${table} t limit 1`,
        ),
      );
      await expect(again).rejects.toMatchObject({ code: '23505' });
    },
  );

  it('is known at another time: the id of a conversion holds whatever its instant', async () => {
    const [result] = await intakeConversions(pool, world.programId, [
      {
        externalId: 's1',
        identity: { customerId: 'c' },
        type: 'purchase',
        value: { minor: 10_000, currency: 'EUR' },
        occurredAt: '2025-01-10T00:00:00Z',
      },
    ]);
    expect(result).toMatchObject({ status: 'rejected', code: 'id-reused' });
    expect(await world.rows('select count(*) as n from conversion')).toEqual([{ n: 1 }]);
  });

  it('queues one mail per cause and recipient', async () => {
    const mail = {
      template: 'task-opened' as const,
      language: 'en',
      to: { name: 'M', address: 'm@x.example' },
      data: {},
    };
    const queue = (key: string) => inTransaction(pool, world.programId, (tx) => queueMail(tx, { ...mail, key }));
    await Promise.all([queue('a'), queue('a'), queue('b')]);
    expect(await world.rows('select key from mail_outbox order by key')).toEqual([{ key: 'a' }, { key: 'b' }]);
  });
});
