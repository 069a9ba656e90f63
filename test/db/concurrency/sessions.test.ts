import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { joinIntake } from '../../../db/locks.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { claimMails, markMailSent } from '../../../db/queries/mail-delivery.ts';
import { cutNow } from '../../../db/queries/program-clock.ts';
import { queueMail } from '../../../db/queries/mail-outbox.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { readText } from '../../architecture/tree.ts';
import { eventually } from '../../support/eventually.ts';
import { aProgram } from '../../support/ground.ts';
import { useGround } from './ground.ts';
import type { TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;
let pool: Pool;
let root: pg.Client;
let programId: string;
useGround((ground) => ({ postgres, pool, root, programId } = ground));

describe('row-level security', () => {
  it('shows nothing without a program, and the program ends with its transaction', async () => {
    const one = createPool({ url: postgres.url, size: 1 });
    const seen = async () => (await one.query<{ n: number }>('select count(*) as n from program')).rows[0]!.n;
    try {
      expect(await seen()).toBe(0);
      const inside = await inTransaction(one, programId, (tx) =>
        tx.query<{ n: number }>('select count(*) as n from program'),
      );
      expect(inside.rows[0]!.n).toBe(1);
      expect(await seen()).toBe(0);
    } finally {
      await one.end();
    }
  });

  it('refuses COPY into a table of a program; a temporary table takes it, and goes with its transaction', async () => {
    const copy = (target: string) =>
      inTransaction(pool, programId, async (tx) => {
        if (target === 'arrived')
          await tx.query('create temp table arrived (program_id text, name text) on commit drop');
        const stream = tx.client.query(copyFrom(`copy ${target} (program_id, name) from stdin`));
        await pipeline(Readable.from([`${programId}\tnews\n`]), stream);
        await tx.query('insert into channel (program_id, name) select program_id, name from arrived');
      });
    await expect(copy('channel')).rejects.toThrow(/row-level security/);
    await copy('arrived');
    const { rows } = await root.query(
      `select to_regclass('pg_temp.arrived') as left, name from channel where program_id = $1`,
      [programId],
    );
    expect(rows).toEqual([{ left: null, name: 'news' }]);
  });

  it('cannot be got round by a leaf of a partitioned table: the application has rights on parents only', async () => {
    const { rows: leaves } = await root.query<{ leaf: string }>(
      `select inhrelid::regclass::text as leaf from pg_inherits where inhparent in ('touchpoint'::regclass, 'credit'::regclass)`,
    );
    expect(leaves.length).toBeGreaterThan(60);
    const { rows: open } = await root.query(
      `select leaf from unnest($1::text[]) as leaf where has_table_privilege('tandem_app', leaf, 'select, insert, update, delete')`,
      [leaves.map(({ leaf }) => leaf)],
    );
    expect(open).toEqual([]);
    await expect(pool.query(`select 1 from ${leaves[0]!.leaf}`)).rejects.toMatchObject({ code: '42501' });
  });
});

describe('an attempt that was given up', () => {
  it('dies by itself: its transaction ends after its time, and lets its locks go', async () => {
    const slow = inTransaction(
      pool,
      programId,
      async (tx) => {
        await joinIntake(tx);
        await tx.query('select pg_sleep(30)');
      },
      { timeoutMs: 200 },
    );
    await expect(slow).rejects.toThrow(/transaction timeout/);
    await inTransaction(pool, programId, cutNow);
  });

  it('has died before its next one starts: a write ends earlier than the activity around it', () => {
    const [, write] = /DEFAULT_TIMEOUT_MS = \{ write: ([\d_]+)/.exec(readText('db/transaction.ts')) ?? [];
    const [, step] = /STEP_TIMEOUT_MS = ([\d_]+)/.exec(readText('activities/attribution/drain.ts')) ?? [];
    const proxies = readText('workflows/activity-proxies.ts');
    const seconds = (name: string, proxy: string) => {
      const [, options = ''] = proxies.split(`export const ${proxy} = `);
      return Number(new RegExp(`${name}: '(\\d+) seconds'`).exec(options)?.[1]) * 1_000;
    };
    const ms = (text: string | undefined) => Number(text?.replaceAll('_', ''));
    expect(ms(write)).toBeLessThan(seconds('startToCloseTimeout', 'record'));
    // Studies beat by a timer: what misses a beat there is a dead process, whose connections end at once (below).
    expect(ms(step)).toBeLessThan(seconds('heartbeatTimeout', 'drain'));
  });

  it('lets the barrier go within moments when its process is killed in the middle of a statement', async () => {
    const killed = createPool({ url: postgres.url, size: 1 });
    const client = await killed.connect();
    client.on('error', () => undefined);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock_shared(1, hashtext($1))', [programId]);
    const sleeping = client.query('select pg_sleep(20)').catch(() => undefined);
    await eventually(async () => {
      const { rows } = await root.query(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`);
      expect(rows).toHaveLength(1);
    });
    // What the kernel does for a process that is gone.
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    const since = Date.now();
    await inTransaction(pool, programId, cutNow);
    expect(Date.now() - since).toBeLessThan(3_000);
    await sleeping;
    client.release(true);
    await killed.end();
  }, 30_000);
});

describe('the outbox', () => {
  it('is claimed by lease: nobody else has a mail until it ends, then it comes again, and once sent never', async () => {
    const { programId: own } = await aProgram(pool);
    const inOwn = <Result>(work: Parameters<typeof inTransaction<Result>>[2]) => inTransaction(pool, own, work);
    const to = { name: 'M', address: 'm@x.example' };
    await inOwn((tx) => queueMail(tx, { key: 'k', template: 'task-opened', language: 'en', to, data: {} }));
    const claim = (leaseMs: number) => inOwn((tx) => claimMails(tx, { limit: 10, leaseMs }));
    const [mail] = await claim(300);
    expect(mail).toMatchObject({ attempts: 1 });
    expect(await claim(300)).toEqual([]);
    // Whoever claimed it died; the same id goes out again, which is the same Message-ID.
    const again = await eventually(async () => {
      const [second] = await claim(60_000);
      expect(second).toMatchObject({ id: mail!.id, attempts: 2 });
      return second!;
    });
    await inOwn((tx) => markMailSent(tx, again.id));
    await root.query('update mail_outbox set leased_until = null');
    expect(await claim(60_000)).toEqual([]);
  });
});
