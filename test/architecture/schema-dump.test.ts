import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { dumpSchema } from '../../db/dump.ts';
import type { TestPostgres } from '../support/postgres.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { readText } from './tree.ts';

let postgres: TestPostgres;
let owner: pg.Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  owner = new pg.Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await postgres.stop();
});

describe('db/schema.sql', () => {
  it('is what the migrations make (else: npm run schema:dump)', async () => {
    expect(await dumpSchema(owner)).toBe(readText('db/schema.sql'));
  });

  it('changes with every change of the schema', async () => {
    const changes = [
      'alter table market add column motto text',
      'alter table market alter column name drop not null',
      'alter table market add constraint name_is_short check (length(name) < 80)',
      'create index market_by_region on market (program_id, region)',
      'alter table market disable row level security',
      'grant truncate on market to tandem_app',
      'drop policy own_program on market',
      "create function one() returns int language sql as 'select 1'",
      'create trigger insert_only before update on market for each row execute function refuse_change()',
      "create table touchpoint_far partition of touchpoint for values from ('2090-01-01') to ('2091-01-01')",
    ];
    const before = await dumpSchema(owner);
    for (const change of changes) {
      await owner.query('begin');
      await owner.query(change);
      expect([change, await dumpSchema(owner)]).not.toEqual([change, before]);
      await owner.query('rollback');
    }
    expect(await dumpSchema(owner)).toBe(before);
  });

  it('refuses an object that it cannot write', async () => {
    await owner.query('begin');
    await owner.query('create view every_market as select code from market');
    await expect(dumpSchema(owner)).rejects.toThrow('view every_market');
    await owner.query('rollback');
  });
});

describe('every table of a program', () => {
  it('has row-level security on and forced', async () => {
    const { rows } = await owner.query<{ relname: string }>(`
      select c.relname
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attname = 'program_id'
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and not (c.relrowsecurity and c.relforcerowsecurity)
      order by 1`);
    // These two hold ids and codes only and lead to the program: see their migrations.
    expect(rows.map((row) => row.relname)).toEqual(['link_code', 'program_directory']);
  });

  it('is led by program_id in its primary key and in every unique one', async () => {
    const { rows } = await owner.query<{ name: string }>(`
      select x.relname as name
      from pg_index i
      join pg_class x on x.oid = i.indexrelid
      join pg_class c on c.oid = i.indrelid
      join pg_attribute p on p.attrelid = c.oid and p.attname = 'program_id'
      where c.relnamespace = 'public'::regnamespace and c.relrowsecurity and i.indisunique and i.indkey[0] <> p.attnum
      order by 1`);
    expect(rows).toEqual([]);
  });
});

describe('the role of the application', () => {
  it('owns nothing and may not pass row-level security', async () => {
    const { rows } = await owner.query(`
      select rolsuper, rolbypassrls, rolcanlogin, (select count(*)::int from pg_class where relowner = r.oid) as owned
      from pg_roles r
      where rolname = 'tandem_app'`);
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false, owned: 0 }]);
  });

  it('is granted nothing on partitions, whose rows would pass the policies of their parent', async () => {
    const { rows } = await owner.query(`
      select c.relname
      from pg_class c
      cross join aclexplode(c.relacl) a
      where c.relispartition and c.relkind = 'r' and a.grantee <> c.relowner
      order by 1`);
    expect(rows).toEqual([]);
  });
});
