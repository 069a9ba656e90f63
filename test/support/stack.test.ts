import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { TestPostgres, TestTemporal } from './stack.ts';
import { startTestPostgres, startTestTemporal } from './stack.ts';
import { startTimeSkipping } from './time-skipping.ts';

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

describe('the test servers', () => {
  let postgres: TestPostgres;
  let temporal: TestTemporal;

  beforeAll(async () => {
    postgres = await startTestPostgres();
    temporal = await startTestTemporal();
  });
  afterAll(async () => {
    await temporal.stop();
    await postgres.stop();
  });

  it('give the application a login that is neither superuser nor owner and is a member of tandem_app', async () => {
    const { rows } = await query(
      postgres.url,
      `select rolsuper, rolbypassrls, pg_has_role(current_user, 'tandem_app', 'member') as member,
              (select count(*)::int from pg_class where relowner = pg_roles.oid) as owned
         from pg_roles where rolname = current_user`,
    );
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, member: true, owned: 0 }]);
  });

  it('give every file a database of its own with the migrated tables', async () => {
    const other = await startTestPostgres();
    await query(other.superuserUrl, 'create table only_here (id int)');
    const { rows } = await query(
      postgres.superuserUrl,
      "select to_regclass('program') is not null as program, to_regclass('only_here') is not null as leaked",
    );
    await other.stop();
    expect(rows).toEqual([{ program: true, leaked: false }]);
  });

  it('answer for the namespace as soon as the tests start', async () => {
    const { namespaceInfo } = await temporal.client.connection.workflowService.describeNamespace({
      namespace: temporal.namespace,
    });
    expect(namespaceInfo?.name).toBe(temporal.namespace);
  });

  it('skip ninety days in less than a second', async () => {
    const environment = await startTimeSkipping();
    const before = await environment.currentTimeMs();
    await environment.sleep('90 days');
    const after = await environment.currentTimeMs();
    await environment.teardown();
    expect(after - before).toBeGreaterThanOrEqual(90 * 86_400_000);
  });
});
