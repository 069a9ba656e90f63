import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { apiTaskQueues } from '../../api/deps.ts';
import { stopNudges } from '../../api/nudge.ts';
import { ClickLog } from '../../api/redirect/click-log.ts';
import { segmentsIn } from '../../api/redirect/journal-folder.ts';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { insertLink } from '../../db/queries/link.ts';
import { inTransaction } from '../../db/transaction.ts';
import { createLogger } from '../../runtime/log.ts';
import { createRegistry } from '../../runtime/telemetry.ts';
import { eventually } from '../support/eventually.ts';
import { aProgram } from '../support/ground.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestPostgres } from '../support/postgres.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';

let postgres: TestPostgres;
let temporal: TestTemporalClient;
let pool: Pool;
/** Of a port where nobody listens: the database is away. */
const nowhere = createPool({ url: 'postgres://nobody@127.0.0.1:1/nothing' });
beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestClient()]);
  pool = createPool({ url: postgres.url });
});
afterAll(async () => {
  await stopNudges(temporal.client);
  await Promise.all([pool.end(), nowhere.end(), temporal.stop()]);
  await postgres.stop();
});

let data: string;
let base: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-clicks-'));
  base = join(data, 'clicks-3000');
});
afterEach(() => rmSync(data, { recursive: true }));

it('counts, shows and names a click that neither the disk nor the database takes, and goes on when the disk is back', async () => {
  const { clicks, registry, lines } = await openLog(nowhere);
  rmSync(base, { recursive: true });
  const [one, two] = [aClick('x'), aClick('x')];
  await Promise.all([clicks.add('no-program', one), clicks.add('no-program', two)]);
  expect(await registry.metrics()).toMatch(/^tandem_clicks_lost_total(\{.*\})? 2$/m);
  expect(await registry.metrics()).toMatch(/^tandem_clicks_waiting(\{.*\})? 0$/m);
  expect(clicks.state).toBe('0 clicks wait for the database; 2 lost since the start.');
  const lost = lines.filter(({ msg }) => msg === 'clicks were lost').flatMap(({ touchpointIds }) => touchpointIds);
  expect(lost.toSorted()).toEqual([one.touchpointId, two.touchpointId].toSorted());

  mkdirSync(base);
  await clicks.add('no-program', aClick('x'));
  expect(segmentsIn(base)).toHaveLength(1);
  expect(clicks.state).toBe('1 clicks wait for the database; 2 lost since the start.');
  await clicks.close();
});

it('stores a click at once while the journal cannot be written, tells the feed, and counts none as lost', async () => {
  const { programId } = await aProgram(pool);
  await inTransaction(pool, programId, (tx) =>
    insertLink(tx, { partnerId: null, code: 'at-once', destination: 'https://shop.example/', channel: 'tv' }),
  );
  const { clicks, registry } = await openLog(pool);
  rmSync(base, { recursive: true });
  const click = aClick('at-once');
  await clicks.add(programId, click);
  expect(existsSync(base)).toBe(false);
  const { rows } = await inTransaction(pool, programId, (tx) => tx.query('select id from touchpoint'));
  expect(rows).toEqual([{ id: click.touchpointId }]);
  expect(await registry.metrics()).toMatch(/^tandem_clicks_lost_total(\{.*\})? 0$/m);
  const feed = temporal.client.workflow.getHandle(`attribution-feed/${programId}`);
  await eventually(async () => expect((await feed.describe()).type).toBe('attributionFeed'));
  await feed.terminate();
  mkdirSync(base);
  await clicks.close();
});

it('counts the clicks that a process before it left, while the database is still away', async () => {
  const before = await openLog(nowhere);
  await Promise.all(Array.from({ length: 3 }, () => before.clicks.add('no-program', aClick('x'))));
  await before.clicks.close();
  const after = await openLog(nowhere);
  expect(after.clicks.state).toBe('3 clicks wait for the database; 0 lost since the start.');
  expect(await after.registry.metrics()).toMatch(/^tandem_clicks_waiting(\{.*\})? 3$/m);
  await after.clicks.close();
});

it('counts a line that it cannot read as lost, unless a crash cut it short before its answer', async () => {
  mkdirSync(base, { recursive: true });
  const torn = '{"programId":"prg_x","touchpo\0\0';
  writeFileSync(join(base, '0000000000001-000000001.jsonl'), `${torn}\nnull\n${torn}`);
  const { clicks, registry } = await openLog(pool);
  expect(await registry.metrics()).toMatch(/^tandem_clicks_lost_total(\{.*\})? 2$/m);
  expect(clicks.state).toBe('0 clicks wait for the database; 2 lost since the start.');
  expect(segmentsIn(base)).toEqual([]);
  await clicks.close();
});

async function openLog(through: Pool) {
  const lines: { msg: string; touchpointIds: string[] }[] = [];
  const registry = createRegistry('api');
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const log = createLogger('api', { level: 'error', destination });
  const taskQueues = apiTaskQueues(temporal.prefix);
  const deps = { pool: through, client: temporal.client, log, registry, taskQueues, commandTimeoutMs: 1_000 };
  const clicks = new ClickLog(deps, base);
  await clicks.flush();
  return { clicks, registry, lines };
}

function aClick(code: string) {
  return {
    ...{ touchpointId: newId('touchpoint'), clickId: newId('event'), code, visitorId: 'visitor-1' },
    ...{ at: new Date().toISOString(), consent: true, bot: false },
  };
}
