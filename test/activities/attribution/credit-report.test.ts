import { describe, expect, it } from '@jest/globals';
import type { Pool } from '../../../db/pool.ts';
import { reportCredits } from '../../../db/queries/credit-report.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
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
});
