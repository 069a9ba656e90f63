import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ClickLog } from '../../api/redirect/click-log.ts';
import { JournalFolder, segmentsIn } from '../../api/redirect/journal-folder.ts';
import { insertLink } from '../../db/queries/link.ts';
import { newId } from '../../db/ids.ts';
import { inTransaction } from '../../db/transaction.ts';
import { apiTaskQueues } from '../../api/deps.ts';
import { stopNudges } from '../../api/nudge.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';
import { createRegistry } from '../../runtime/telemetry.ts';
import { examineClicks } from '../../stack/checkup/clicks.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestPostgres } from '../support/postgres.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';
import { aProgram } from '../support/ground.ts';

let data: string;
let base: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tandem-journals-'));
  base = join(data, 'clicks-3000');
});
afterEach(() => rmSync(data, { recursive: true }));

const SEGMENT = '1700000000000-000000001.jsonl';
/** A folder as a process left it that is not here any more. */
function leftBehind(path: string, owner: object, segments: string[] = [SEGMENT]): string {
  mkdirSync(path, { recursive: true });
  const file = join(path, 'owner-000000007.json');
  writeFileSync(file, JSON.stringify(owner));
  for (const name of segments) writeFileSync(join(path, name), '{}\n');
  return file;
}
const dead = () => ({ host: hostname(), pid: 999_999_999, startedAt: 'long ago' });

describe('the folder of a click journal', () => {
  it('is one process’s alone: a second takes the next place, and a place that was given back is free', () => {
    const first = JournalFolder.claim(base);
    const second = JournalFolder.claim(base);
    expect([first.path, second.path]).toEqual([base, join(base, 'p2')]);
    first.release();
    expect(JournalFolder.claim(base).path).toBe(base);
  });

  it('is refused with a sentence when every place is taken', () => {
    for (let no = 0; no < 64; no += 1) JournalFolder.claim(base);
    expect(() => JournalFolder.claim(base)).toThrow(/64 API processes that live.*TANDEM_DATA_DIR/);
  });

  it('is taken over from a process that died, also from another’s number of a later process', () => {
    leftBehind(base, dead());
    leftBehind(join(base, 'p2'), { ...dead(), pid: process.pid });
    const [one, two] = [JournalFolder.claim(base), JournalFolder.claim(base)];
    expect([one.path, two.path]).toEqual([base, join(base, 'p2')]);
    expect([one.keep(), two.keep()]).toEqual([true, true]);
  });

  it('of another machine is left alone while it is touched, and taken when it was not for a minute', () => {
    const file = leftBehind(base, { ...dead(), host: 'another' });
    expect(JournalFolder.claim(base).path).toBe(join(base, 'p2'));
    const before = new Date(Date.now() - 61_000);
    utimesSync(file, before, before);
    expect(JournalFolder.claim(base).path).toBe(base);
  });

  it('tells its process that it was lost, when another one has taken it', () => {
    const mine = JournalFolder.claim(base);
    expect(mine.keep()).toBe(true);
    leftBehind(base, dead(), []);
    expect(mine.keep()).toBe(false);
  });

  it('takes up the segments of the dead beside it, under names that are free, and none of the living', () => {
    const living = JournalFolder.claim(join(data, 'clicks-3001'));
    writeFileSync(join(living.path, SEGMENT), '{}\n');
    leftBehind(join(data, 'clicks-3002'), dead());
    leftBehind(join(data, 'clicks-3003', 'p2'), dead());
    const mine = JournalFolder.claim(base);
    expect(mine.adopt()).toBe(2);
    expect(segmentsIn(mine.path)).toHaveLength(2);
    expect(segmentsIn(living.path)).toEqual([SEGMENT]);
    expect(mine.adopt()).toBe(0);
  });

  it('goes to one of several processes that find a dead owner at once', async () => {
    leftBehind(base, dead());
    const script = `const { JournalFolder } = await import('./api/redirect/journal-folder.ts');
      while (Date.now() < Number(process.argv[1])) {}
      process.stdout.write(JournalFolder.claim(${JSON.stringify(base)}).path); setTimeout(() => {}, 3000);`;
    const at = String(Date.now() + 2_500);
    const paths = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script, at]);
        const [path] = (await once(child.stdout, 'data')) as [Buffer];
        return path.toString();
      }),
    );
    expect(new Set(paths).size).toBe(3);
    expect(paths).toContain(base);
  }, 20_000);
});

describe('a click that the database refuses', () => {
  let postgres: TestPostgres;
  let temporal: TestTemporalClient;
  let pool: Pool;
  beforeAll(async () => {
    [postgres, temporal] = await Promise.all([startTestPostgres(), startTestClient()]);
    pool = createPool({ url: postgres.url });
  });
  afterAll(async () => {
    await stopNudges(temporal.client);
    await Promise.all([pool.end(), temporal.stop()]);
    await postgres.stop();
  });

  it('is kept in a file with the reason, counted and named, and holds nobody up', async () => {
    const { programId } = await aProgram(pool);
    const destination = 'https://shop.example/';
    await inTransaction(pool, programId, (tx) =>
      insertLink(tx, { partnerId: null, code: 'good', destination, channel: 'tv' }),
    );
    const registry = createRegistry('api');
    const log = createLogger('api', { level: 'silent' });
    const deps = { pool, client: temporal.client, log, registry, commandTimeoutMs: 1_000 };
    const clicks = new ClickLog({ ...deps, taskQueues: apiTaskQueues(temporal.prefix) }, base);
    const click = (code: string) => ({
      ...{ touchpointId: newId('touchpoint'), clickId: newId('event'), code, visitorId: 'visitor-1' },
      ...{ at: new Date().toISOString(), consent: true, bot: false },
    });
    await Promise.all(['good', 'gone', 'good'].map((code) => clicks.add(programId, click(code))));
    await clicks.flush();

    const { rows } = await inTransaction(pool, programId, (tx) => tx.query('select count(*) as n from touchpoint'));
    expect(rows).toEqual([{ n: 2 }]);
    expect(clicks.state).toBe(
      '0 clicks wait for the database; 0 lost since the start. 1 were refused and kept in rejected.jsonl.',
    );
    expect(await registry.metrics()).toMatch(/^tandem_clicks_rejected_total(\{.*\})? 1$/m);
    const kept = readFileSync(join(base, 'rejected.jsonl'), 'utf8').trim().split('\n');
    expect(kept.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { reason: expect.stringMatching(/\w/), click: { code: 'gone', programId } },
    ]);
    await clicks.close();
    expect(existsSync(join(base, 'owner-000000001.json'))).toBe(false);

    expect(examineClicks([data])).toMatchObject([
      { level: 'advice', text: expect.stringContaining(`refused 1. They are kept in ${join(base, 'rejected.jsonl')}`) },
    ]);
    leftBehind(join(data, 'clicks-3002'), dead());
    expect(examineClicks([data, data])).toHaveLength(2);
    expect(examineClicks([join(data, 'nothing')])).toEqual([]);
  });
});
