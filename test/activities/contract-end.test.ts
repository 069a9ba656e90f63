import { describe, expect, it } from '@jest/globals';
import { createPartnerActivities } from '../../activities/partner.ts';
import { openAllWindows } from '../../activities/windows.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import type { Pool } from '../../db/pool.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { aPartner, aProgram, tenPercent } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const instant = (ms: number) => new Date(ms).toISOString();

/** An active partner for `days`, with windows of a length, and a sale per instant, credited and posted. */
async function aContract(period: string, days: number, sales: Record<string, string> = {}) {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const contractFrom = instant(Date.parse(world.now) - days * DAY_MS);
  const terms = { ...tenPercent(), calendar: { period, lockAfter: 'P5D', payAfter: 'P5D' } };
  const { partnerId, contractId } = await aPartner(pool, programId, { contractFrom, terms });
  await openAllWindows(pool, programId, world.now);
  await world.touch({ id: 't1', partnerId, occurredAt: contractFrom });
  for (const [id, occurredAt] of Object.entries(sales)) await world.sale(id, 10_000, occurredAt);
  await world.drain();

  /** The journey's step, a moment after `world.now`. @returns from when the contract has ended, and the windows by their end */
  async function expire(expiresAt: string) {
    await createPartnerActivities({ pool } as unknown as ActivityDeps).movePartner({
      ...{ programId, partnerId, from: 'active', to: 'ended', round: 1, actor: SYSTEM, at: world.now },
      ...{ endsContractId: contractId, expiresAt },
    });
    const [ended] = await world.rows<{ at: string }>(`select at from contract_fact where kind = 'ended'`);
    const windows = await world.rows<{ to_at: string; is_final: boolean }>(
      'select to_at, is_final from attribution_window where partner_id = $1 order by no',
      [partnerId],
    );
    return {
      endedAt: instant(Date.parse(ended!.at)),
      last: windows.map((window) => ({ to: instant(Date.parse(window.to_at)), isFinal: window.is_final })).at(-1),
    };
  }
  return { world, partnerId, expire };
}

describe('a contract that expires', () => {
  it('ends when its terms are over, though the step comes later: what was earned since is taken back', async () => {
    const now = Date.now();
    const over = instant(now - HOUR_MS);
    const sales = { before: instant(now - 2 * HOUR_MS), after: instant(now - HOUR_MS / 2) };
    const { world, partnerId, expire } = await aContract('P30D', 2, sales);
    expect(await world.balance('pending', partnerId)).toBe(2_000);
    expect(await expire(over)).toEqual({ endedAt: over, last: { to: over, isFinal: true } });
    await world.drain();
    expect([await world.commission(partnerId, 'before'), await world.commission(partnerId, 'after')]).toEqual([
      1_000, 0,
    ]);
    expect(await world.balance('pending', partnerId)).toBe(1_000);
    const homeless = await world.rows(
      'select window_id from commission where window_id not in (select id from attribution_window)',
    );
    expect(homeless).toEqual([]);
  });

  it('with a window leaves that one as the last and final one', async () => {
    const midnight = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`;
    const { expire } = await aContract('P1D', 2);
    expect(await expire(midnight)).toEqual({ endedAt: midnight, last: { to: midnight, isFinal: true } });
  });

  it('with a window, when the next one holds money already, ends with the step: what was earned stands', async () => {
    const midnight = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`;
    const { world, partnerId, expire } = await aContract('P1D', 2, { after: midnight });
    expect(await expire(midnight)).toEqual({ endedAt: world.now, last: { to: world.now, isFinal: true } });
    await world.drain();
    expect(await world.commission(partnerId, 'after')).toBe(1_000);
  });

  it('ends with the step when windows have closed since: no worker was there for days', async () => {
    const { world, expire } = await aContract('P1D', 9);
    const over = instant(Date.parse(world.now) - 3 * DAY_MS);
    expect(await expire(over)).toEqual({ endedAt: world.now, last: { to: world.now, isFinal: true } });
  });
});
