import { describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { storeBatch } from '../../../db/intake/batch.ts';
import { CONVERSION_INTAKE } from '../../../db/intake/conversions.ts';
import { closeIntake, joinBooks, joinIntake, lockConversions, lockPartnerBooks } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { decideTask, lockTask } from '../../../db/queries/task.ts';
import { inTransaction, repeatedTransactions } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useGround } from './ground.ts';
import { listFiles, readText } from '../../architecture/tree.ts';
import { hold, untilWaiting } from './held.ts';

let pool: Pool;
let root: pg.Client;
let programId: string;
useGround((ground) => ({ pool, root, programId } = ground));

const inOwn = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(pool, programId, work);
/** Whether `work` gets its locks at once while somebody holds others. */
const passes = (work: (tx: Tx) => Promise<unknown>): Promise<boolean> =>
  pool.connect().then(async (client) => {
    try {
      await client.query('begin');
      await client.query(
        `select set_config('tandem.program_id', $1, true), set_config('lock_timeout', '150ms', true)`,
        [programId],
      );
      await work({ programId, client, query: (text, values) => client.query(text, values) });
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== '55P03') throw error;
      return false;
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

describe('locks', () => {
  it('let intakes run beside each other and stand against a cut; of another program they know nothing', async () => {
    const intake = await hold(pool, programId);
    await joinIntake(intake.tx);
    expect(await passes(joinIntake)).toBe(true);
    expect(await passes(closeIntake)).toBe(false);
    const other = await aProgram(pool);
    await inTransaction(pool, other.programId, closeIntake);
    await intake.commit();
    expect(await passes(closeIntake)).toBe(true);
  });

  it('of parents let one intake at a time add to them; a cut waits for none that waits, and others pass', async () => {
    const sale = (externalId: string, more: object = {}) => ({
      externalId,
      identity: { customerId: externalId },
      type: 'purchase',
      value: { minor: 100, currency: 'EUR' },
      occurredAt: '2026-03-02T00:00:00Z',
      ...more,
    });
    const store = (item: object) => (tx: Tx) => storeBatch(tx, [item], CONVERSION_INTAKE);
    const first = await hold(pool, programId);
    await store(sale('of-a', { parentExternalId: 'a' }))(first.tx);
    expect(await passes(store(sale('of-b', { parentExternalId: 'b' })))).toBe(false);
    expect(await passes(store(sale('of-nobody')))).toBe(true);
    const second = inOwn(store(sale('a', { parentExternalId: 'of-a' })));
    await untilWaiting(root, 1);
    // Only the one at work holds the barrier.
    const { rows } = await root.query(
      `select 1 from pg_locks l join pg_database d on d.oid = l.database
       where d.datname = current_database() and l.locktype = 'advisory' and l.classid = 1 and l.granted`,
    );
    expect(rows).toHaveLength(1);
    await first.commit();
    expect(await second).toMatchObject([{ code: 'parent-cycle' }]);
  });

  it('of the books are shared by those who post, and stand against whoever closes a month', async () => {
    const poster = await hold(pool, programId);
    await joinBooks(poster.tx);
    expect(await passes(joinBooks)).toBe(true);
    const close = (tx: Tx) => tx.query('select pg_advisory_xact_lock(2, hashtext($1))', [programId]);
    expect(await passes(close)).toBe(false);
    await poster.rollback();
    expect(await passes(close)).toBe(true);
  });

  it.each([
    { what: 'conversions', lock: lockConversions },
    { what: 'partner books', lock: lockPartnerBooks },
  ])('of $what are taken in one order, whatever order they are asked for', async ({ what, lock }) => {
    const before = repeatedTransactions.get('40P01') ?? 0;
    for (let round = 0; round < 6; round += 1) {
      const ids = Array.from({ length: 300 }, (_, index) => `${what}-${round}-${index}`);
      const asked = [ids, ids.toReversed(), [...ids.slice(150), ...ids.slice(0, 150)]];
      await Promise.all(asked.map((some) => inOwn((tx) => lock(tx, some))));
    }
    expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(0);
  });

  it('of a partner keep a second poster waiting until the first has ended', async () => {
    const first = await hold(pool, programId);
    await lockPartnerBooks(first.tx, ['prt_a', 'prt_b']);
    expect(await passes((tx) => lockPartnerBooks(tx, ['prt_b']))).toBe(false);
    expect(await passes((tx) => lockPartnerBooks(tx, ['prt_c']))).toBe(true);
    await first.commit();
    expect(await passes((tx) => lockPartnerBooks(tx, ['prt_b']))).toBe(true);
  });

  it('of a row let others insert what refers to it', async () => {
    const { partnerId } = await aPartner(pool, programId);
    const child = (tx: Tx) =>
      tx.query(
        `insert into statement (program_id, id, partner_id, window_id, kind, currency, carry_in_minor, carry_in_gross_minor, net_minor, vat_mode,
           vat_rate_bps, vat_minor, gross_minor, amount_minor, carry_out_minor, carry_out_gross_minor, state, drawn_at, expected_pay_at)
         values ($1, 'stm_1', $2, 'wnd_1', 'regular', 'EUR', 0, 0, 0, 'none', 0, 0, 0, 0, 0, 0, 'empty', now(), now())`,
        [programId, partnerId],
      );
    const lockRow = (tx: Tx, strength: string) =>
      tx.query(`select 1 from partner where program_id = $1 and id = $2 for ${strength}`, [programId, partnerId]);
    const ours = await hold(pool, programId);
    await lockRow(ours.tx, 'no key update');
    expect(await passes(child)).toBe(true);
    expect(await passes((tx) => lockRow(tx, 'no key update'))).toBe(false);
    await ours.rollback();
    const stronger = await hold(pool, programId);
    await lockRow(stronger.tx, 'update');
    expect(await passes(child)).toBe(false);
    await stronger.rollback();
  });

  it('are nowhere taken stronger than that, but to take work out of a queue or a key that nothing refers to', () => {
    const strong = listFiles()
      .filter((file) => file.startsWith('db/') && file.endsWith('.ts'))
      .filter((file) => /\bfor (update|share)\b(?! of d skip locked| skip locked)/.test(readText(file)));
    expect(strong).toEqual(['db/queries/idempotency-key.ts']);
  });
});

it('decides a row once by a guarded update: the second hears that nothing was returned', async () => {
  await root.query(
    `insert into task (program_id, id, kind, workflow_id, workflow_key, subject_type, subject_id, role, outcomes, data, opened_at)
     values ($1, 'tsk_1', 'settlement.approval', 'w', 'k', 'statement', 's', 'finance', '{approve,hold}', '{}', now())`,
    [programId],
  );
  const decide = (decisionId: string) =>
    inOwn(async (tx) => {
      await lockTask(tx, 'tsk_1');
      const by = { kind: 'person' as const, id: decisionId };
      const at = '2026-03-01T00:00:00Z';
      return decideTask(tx, {
        taskId: 'tsk_1',
        outcome: 'approve',
        reason: null,
        by,
        standsFor: null,
        at,
        decisionId,
        data: null,
      });
    });
  expect((await Promise.all(['p1', 'p2', 'p3'].map(decide))).filter(Boolean)).toHaveLength(1);
});

describe('a transaction', () => {
  it('that reads a snapshot cannot write or lock', async () => {
    const snapshot = (text: string) => inTransaction(pool, programId, (tx) => tx.query(text), { mode: 'snapshot' });
    await expect(snapshot(`update program set name = 'x'`)).rejects.toMatchObject({ code: '25006' });
    await expect(snapshot('select 1 from program for no key update')).rejects.toMatchObject({ code: '25006' });
  });

  it.each(['40P01', '40001', '55P03'])(
    'that fails with %s is repeated five times at most, and counted',
    async (code) => {
      const before = repeatedTransactions.get(code) ?? 0;
      let tries = 0;
      const failing = (last: number) =>
        inOwn(async (tx) => {
          tries += 1;
          if (tries < last) await tx.query(`do $$ begin raise exception 'x' using errcode = '${code}'; end $$`);
          return tries;
        });
      expect(await failing(5)).toBe(5);
      tries = 0;
      await expect(failing(6)).rejects.toMatchObject({ code });
      expect(tries).toBe(5);
      expect((repeatedTransactions.get(code) ?? 0) - before).toBe(8);
    },
  );

  it('that PostgreSQL chose to end a real deadlock is done again, and both end', async () => {
    const before = repeatedTransactions.get('40P01') ?? 0;
    await inOwn((tx) => lockPartnerBooks(tx, ['prt_x', 'prt_y']));
    let holding = 0;
    let release: () => void = () => undefined;
    const both = new Promise<void>((resolve) => (release = resolve));
    const one = (first: string, second: string) =>
      inOwn(async (tx) => {
        await lockPartnerBooks(tx, [first]);
        holding += 1;
        if (holding === 2) release();
        await both;
        await lockPartnerBooks(tx, [second]);
      });
    await Promise.all([one('prt_x', 'prt_y'), one('prt_y', 'prt_x')]);
    expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(1);
  });
});

it('refers from facts, credits and commissions by foreign key to no row, because each insert would lock it', async () => {
  const { rows } = await root.query<{ from: string; to: string }>(
    `select conrelid::regclass::text as "from", confrelid::regclass::text as "to" from pg_constraint
     where contype = 'f' and conrelid in ('touchpoint'::regclass, 'conversion'::regclass, 'credit'::regclass, 'commission'::regclass)`,
  );
  expect(rows).toEqual([]);
});
