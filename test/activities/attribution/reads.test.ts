import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { lockWindow } from '../../../activities/attribution/lock-window.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { voidTouchpoint } from '../../../db/intake/correction.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { getConversion, listConversions } from '../../../db/queries/conversion-read.ts';
import { CREDIT_GROUPS } from '../../../db/queries/credit-group.ts';
import type { CreditGroup } from '../../../db/queries/credit-group.ts';
import { reportCredits } from '../../../db/queries/credit-report.ts';
import { accountBalances, listEntries } from '../../../db/queries/ledger-account.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let pool: Pool;
let world: World;
let partnerId: string;
let saleId: string;

const read = <Result>(work: (tx: Tx) => Promise<Result>) =>
  inTransaction(pool, world.programId, work, { mode: 'snapshot' });

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  const { programId } = await aProgram(pool);
  world = new World(pool, programId);
  ({ partnerId } = await aPartner(pool, programId));
  await world.touch(
    { id: 't1', partnerId, subId: 'bio', occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', channel: 'tv', occurredAt: '2026-03-02T00:00:00Z' },
    { id: 't3', channel: 'tv', occurredAt: '2026-01-02T00:00:00Z' },
  );
  saleId = await world.sale('s1', 1_000, '2026-03-10T00:00:00Z', { vertical: 'shoes' });
  await world.refund('r1', 's1', 200);
  await world.drain();
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

describe('reads', () => {
  it('shows a conversion with credits, refunds and every touchpoint with its weight or reason', async () => {
    const view = await read((tx) => getConversion(tx, saleId));
    expect(view).toMatchObject({
      externalId: 's1',
      state: 'open',
      value: { minor: 1_000, currency: 'EUR' },
      remaining: { minor: 800, currency: 'EUR' },
    });
    expect(view.credits).toEqual([
      expect.objectContaining({
        beneficiary: { kind: 'partner', id: partnerId, name: partnerId },
        share: 0.5,
        value: { minor: 400, currency: 'EUR' },
        supersededBy: null,
      }),
      expect.objectContaining({ beneficiary: { kind: 'channel', id: 'tv', name: 'tv' } }),
    ]);
    expect(view.refunds).toEqual([
      expect.objectContaining({ externalId: 'r1', state: 'applied', value: { minor: 200, currency: 'EUR' } }),
    ]);
    const explanation = await read((tx) => explainConversion(tx, saleId));
    expect(explanation!.isReproduced).toBe(true);
    expect(explanation!.touchpoints.map(({ id, weight, reason }) => [id, weight, reason])).toEqual([
      ['t3', 0, 'outside-lookback'],
      ['t1', 0.5, undefined],
      ['t2', 0.5, undefined],
    ]);
  });

  it('filters conversions', async () => {
    const ids = async (filter: object) =>
      (await read((tx) => listConversions(tx, { limit: 10, ...filter }))).map(({ externalId }) => externalId);
    expect(await ids({ externalId: 's1' })).toEqual(['s1']);
    expect(await ids({ partnerId, state: 'open', type: 'purchase' })).toEqual(['s1']);
    expect(await ids({ state: 'locked' })).toEqual([]);
    expect(await ids({ from: '2026-03-10T00:00:01Z' })).toEqual([]);
  });

  it.each(Object.keys(CREDIT_GROUPS) as CreditGroup[])('groups credits by %s', async (groupBy) => {
    const rows = await read((tx) =>
      reportCredits(tx, { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z', groupBy }),
    );
    expect(rows.reduce((sum, { conversions }) => sum + conversions, 0)).toBe(1);
    expect(rows.reduce((sum, { value }) => sum + value.minor, 0)).toBe(800);
    expect(rows.reduce((sum, { commission }) => sum + (commission?.minor ?? 0), 0)).toBe(40);
  });

  it('folds balances and lists entries by account and subject', async () => {
    const balances = await read((tx) => accountBalances(tx, { partnerId }));
    expect(balances).toEqual([
      { account: `pending:${partnerId}`, partnerId, currency: 'EUR', debitMinor: 0, creditMinor: 40, balanceMinor: 40 },
    ]);
    const entries = await read((tx) =>
      listEntries(tx, { account: `pending:${partnerId}`, subject: saleId, limit: 10 }),
    );
    expect(entries).toEqual([
      expect.objectContaining({
        kind: 'earned',
        postings: [
          { account: 'commission-expense', side: 'debit', amount: { minor: 40, currency: 'EUR' } },
          { account: `pending:${partnerId}`, side: 'credit', amount: { minor: 40, currency: 'EUR' } },
        ],
      }),
    ]);
  });

  it('lists late evidence of a locked conversion, and credits it anew when a touchpoint is voided', async () => {
    world.now = new Date(Date.parse(world.now) + 92 * 86_400_000).toISOString();
    await advanceBoundaries(pool, world.programId, { now: world.now });
    const locked = await world.rows<{ id: string }>(
      'select id from attribution_window where partner_id = $1 and locks_at <= (select sealed_at from program_clock)',
      [partnerId],
    );
    for (const { id } of locked) await lockWindow(pool, world.programId, id, world.now);
    await world.touch({ id: 't4', channel: 'radio', occurredAt: '2026-03-05T00:00:00Z' });
    await world.drain();
    expect((await read((tx) => getConversion(tx, saleId))).state).toBe('locked');
    expect((await read((tx) => explainConversion(tx, saleId)))!.lateEvidence.map(({ id }) => id)).toEqual(['t4']);
    await inTransaction(pool, world.programId, (tx) =>
      voidTouchpoint(tx, { touchpointId: 't2', reason: 'not theirs', approvedBy: 'per_x' }),
    );
    await world.drain();
    expect(await world.credits('s1')).toEqual({ [partnerId]: 800 });
    expect(
      (await read((tx) => getConversion(tx, saleId, true))).credits.map(({ supersededBy }) => supersededBy),
    ).toEqual([null, 2, 2]);
    expect(await world.balance('pending', partnerId)).toBe(40);
    expect(await world.balance('locked', partnerId)).toBe(40);
  });
});
