import { describe, expect, it } from '@jest/globals';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import type { Pool } from '../../../db/pool.ts';
import { reportCredits } from '../../../db/queries/credit-report.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { sumCommissionDays } from '../../../db/queries/performance.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { MAX_EVENT_MINOR } from '../../../domain/money/money.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { aStory, FIRST } from './study-world.ts';
import { World } from './world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

describe('the report of credits', () => {
  it('shows the commission of each currency by itself where the partners of a key are paid in several', async () => {
    const { programId } = await aProgram(pool);
    const world = new World(pool, programId);
    const partnerIds = [];
    for (const currency of ['EUR', 'USD', 'GBP'])
      partnerIds.push((await aPartner(pool, programId, { currency })).partnerId);
    const rate = { base: 'EUR', day: '2026-03-10', source: 'ecb' };
    await inTransaction(pool, programId, (tx) =>
      putFxRates(tx, [
        { ...rate, quote: 'USD', rate: '2' },
        { ...rate, quote: 'GBP', rate: '0.5' },
      ]),
    );
    for (const [at, partnerId] of partnerIds.entries()) {
      const identity = { customerId: `c-${at}` };
      await world.touch({ id: `t-${at}`, partnerId, identity, occurredAt: '2026-03-09T00:00:00Z' });
      await world.sale(`s-${at}`, 1_000, '2026-03-10T00:00:00Z', { identity });
    }
    await world.drain();

    const rows = await inTransaction(pool, programId, (tx) =>
      reportCredits(tx, { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', groupBy: 'partnerType' }),
    );

    const shown = rows.map(({ key, conversions, value, commission }) => [
      key,
      conversions,
      `${value.minor} ${value.currency}`,
      `${commission?.minor} ${commission?.currency}`,
    ]);
    expect(shown).toEqual([
      ['creator', 3, '3000 EUR', '100 EUR'],
      ['creator', 0, '0 GBP', '50 GBP'],
      ['creator', 0, '0 USD', '200 USD'],
    ]);
  });

  it('counts what a partner kept by a waiver whom no credit names any more, under no channel and under no policy', async () => {
    const { world, a, b } = await aStory(pool);
    await world.reevaluate(await world.draft(FIRST), 'waive');
    expect([await world.balance('pending', a), await world.balance('pending', b)]).toEqual([1_400, 700]);
    const range = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    const commissions = async (filter: { groupBy: 'partner' | 'channel'; policyId?: string; partnerId?: string }) => {
      const rows = await world.tx((tx) => reportCredits(tx, { ...range, ...filter }));
      return Object.fromEntries(rows.map(({ key, commission }) => [key, commission?.minor]));
    };
    expect(await commissions({ groupBy: 'partner' })).toEqual({ [a]: 1_400, [b]: 700 });
    expect(await commissions({ groupBy: 'partner', partnerId: b })).toEqual({ [b]: 700 });
    expect((await commissions({ groupBy: 'channel' })).null).toBe(700);
    const [credit] = await world.rows<{ policyId: string }>('select distinct policy_id as "policyId" from credit');
    expect(await commissions({ groupBy: 'partner', policyId: credit!.policyId })).not.toHaveProperty(b);
    const days = await world.tx((tx) => sumCommissionDays(tx, { ...range, groupBy: 'partner' }));
    expect(days.filter(({ key }) => key === b).reduce((sum, { minor }) => sum + minor, 0)).toBe(700);
  });

  it('refuses a sum that no number holds exactly, and says what to do', async () => {
    const { programId } = await aProgram(pool);
    const world = new World(pool, programId);
    const sale = { identity: { customerId: 'c' }, type: 'purchase', occurredAt: '2026-03-10T00:00:00Z' };
    const value = { minor: MAX_EVENT_MINOR, currency: 'EUR' };
    const items = Array.from({ length: 901 }, (_, at) => ({ ...sale, value, externalId: `s-${at}` }));
    await intakeConversions(pool, programId, items);
    await world.drain();
    const filter = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', groupBy: 'partner' as const };
    await expect(inTransaction(pool, programId, (tx) => reportCredits(tx, filter))).rejects.toThrow(
      /9010000000000000.*shorter range/,
    );
  });
});
