import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { IntakeGround, touch } from './intake-ground.ts';

const MIGRATION = new URL('../../../db/migrations/0026-touchpoint-key.sql', import.meta.url);
/** The tables as they were before it. */
const BEFORE = `
  alter table touchpoint_key drop column occurred_at, drop column identity_id;
  alter table touchpoint add constraint touchpoint_pkey primary key (program_id, id, occurred_at);`;

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());

/** Every touchpoint with what its key says of it. */
const pairs = () =>
  ground.rows<{ id: string; occurred_at: string; identity_id: string | null; key_at: string; key_identity: string }>(
    `select t.id, t.occurred_at, t.identity_id, k.occurred_at as key_at, k.identity_id as key_identity
     from touchpoint t
     join touchpoint_key k on k.program_id = t.program_id and k.id = t.id
     order by t.id`,
  );

describe('the key of a touchpoint', () => {
  it('says when it was and whose it is, one by one and in bulk, and was brought to those of before', async () => {
    const items = Array.from({ length: 150 }, (_, n) =>
      touch({
        id: `k${n}`,
        identity: { visitorId: `v${n % 7}` },
        occurredAt: `2026-0${1 + (n % 9)}-03T00:00:00Z`,
        consent: { measurement: n % 5 !== 0 },
      }),
    );
    const { pool, programId } = ground;
    await intakeTouchpoints(pool, programId, items.slice(0, 3));
    await intakeTouchpoints(pool, programId, items);
    const stored = await pairs();
    expect(stored).toHaveLength(150);
    expect(stored.filter(({ identity_id }) => identity_id === null)).toHaveLength(30);
    for (const row of stored) expect(row).toMatchObject({ key_at: row.occurred_at, key_identity: row.identity_id });

    const owner = new pg.Client({ connectionString: ground.postgres.ownerUrl });
    await owner.connect();
    await owner.query(BEFORE);
    await owner.query(`begin; ${readFileSync(MIGRATION, 'utf8')} commit`);
    await owner.end();
    expect(await pairs()).toEqual(stored);
  });

  it('lets nobody change it, as before', async () => {
    const owner = new pg.Client({ connectionString: ground.postgres.superuserUrl });
    await owner.connect();
    await expect(owner.query('update touchpoint_key set identity_id = null')).rejects.toThrow();
    const { rows } = await owner.query<{ forced: boolean }>(
      `select relforcerowsecurity as forced from pg_class where oid in ('touchpoint'::regclass, 'touchpoint_key'::regclass)`,
    );
    expect(rows).toEqual([{ forced: true }, { forced: true }]);
    await owner.end();
  });
});
