import { describe, expect, it } from '@jest/globals';
import { drainCommissions, drainIntake } from '../../../activities/attribution/drain.ts';
import { loadCreditFacts } from '../../../db/attribution/credit-facts.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { aPolicy } from '../../support/journeys.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

const SALE_AT = '2026-03-10T12:00:00Z';
let pool: Pool;

useTestPool((opened) => (pool = opened));

describe('the feed under load', () => {
  it('credits between two steps of posting', async () => {
    const world = new World(pool, (await aProgram(pool)).programId);
    const { partnerId } = await aPartner(pool, world.programId);
    // Passes the boundaries that are over: work is taken up to the next one.
    await world.drain();
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('s1', 1_000, SALE_AT);
    await drainIntake(pool, world.programId, { now: world.now });
    await world.sale('s2', 500, SALE_AT);
    const { taken } = await drainCommissions(pool, world.programId, { now: world.now });
    expect(taken).toBe(3);
    expect(await world.credits('s2')).toEqual({ [partnerId]: 500 });
    expect(await world.commission(partnerId, 's2')).toBe(50);
  });

  it('stops when its time is over, with work left for the next pass', async () => {
    const world = new World(pool, (await aProgram(pool)).programId);
    await world.sale('s1', 1_000, SALE_AT);
    expect(await drainIntake(pool, world.programId, { now: world.now, mostMs: 0 })).toMatchObject({ taken: 0 });
    expect(await world.rows('select 1 from intake_work')).toHaveLength(1);
    expect(await drainIntake(pool, world.programId, { now: world.now })).toMatchObject({ taken: 1 });
  });

  it('sets aside the one piece of work that no transaction can finish in its time, and credits the others', async () => {
    const world = new World(pool, (await aProgram(pool)).programId);
    const { partnerId } = await aPartner(pool, world.programId);
    const slow = await world.sale('slow', 1_000, SALE_AT);
    await world.drain();
    const holder = await pool.connect();
    try {
      await holder.query(`begin; set local tandem.program_id = '${world.programId}'`);
      await holder.query('select from conversion_state where conversion_id = $1 for no key update', [slow]);
      await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
      await world.sale('quick', 500, SALE_AT, { identity: { customerId: 'another' } });
      const options = { now: world.now, stepTimeoutMs: 900 };
      expect(await drainIntake(pool, world.programId, options)).toMatchObject({ taken: 1, setAside: 1 });
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await world.credits('quick')).toEqual({ unattributed: 500 });
    expect(await world.rows('select id from work_set_aside')).toHaveLength(1);
  });

  it('reads what the rules and contracts look back to, and all of it for an explanation', async () => {
    const world = new World(pool, (await aProgram(pool)).programId);
    const long = { ...tenPercent(), lookback: { byKind: { click: 'P45D' } } };
    const { partnerId } = await aPartner(pool, world.programId, { terms: long, contractFrom: '2026-01-01T00:00:00Z' });
    const days = [1, 44, 46, 300];
    await world.touch(
      ...days.map((age) => ({
        id: `t${age}`,
        partnerId,
        occurredAt: new Date(Date.parse(SALE_AT) - age * 86_400_000).toISOString(),
      })),
      { id: 'later', partnerId, occurredAt: '2026-03-11T00:00:00Z' },
    );
    const id = await world.sale('s1', 1_000, SALE_AT);
    const seen = async (creditedUnder?: ReturnType<typeof aPolicy>[]) => {
      const reading = { horizon: 'infinity', sealedAt: '-infinity', creditedUnder };
      const facts = await inTransaction(pool, world.programId, (tx) => loadCreditFacts(tx, [id], reading));
      return (facts.journeys.get(id) ?? []).length;
    };
    expect(await seen()).toBe(5);
    expect(await seen([])).toBe(2);
    expect(await seen([aPolicy({ lookback: { default: 'P60D' } })])).toBe(3);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 1_000 });
  });

  it('credits nobody, visibly, under a policy that excludes everything', async () => {
    const policy = aPolicy({
      exclusions: [
        { beneficiary: 'partner', mode: 'always' },
        { beneficiary: 'channel', mode: 'always' },
      ],
    });
    const world = new World(pool, (await aProgram(pool, { policy })).programId);
    const { partnerId } = await aPartner(pool, world.programId);
    await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
    await world.sale('s1', 1_001, SALE_AT);
    await world.refund('r1', 's1', 1);
    await world.drain();
    expect(await world.credits('s1')).toEqual({ unattributed: 1_000 });
    const [sum] = await world.rows<{ shares: number }>(
      `select sum(share_e12)::bigint as shares from credit k join conversion_state s using (program_id, conversion_id, generation)`,
    );
    expect(sum!.shares).toBe(1_000_000_000_000);
    expect(await world.commission(partnerId, 's1')).toBe(0);
  });
});
