import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createStatementActivities } from '../../../activities/statement.ts';
import { createWindowLockActivities } from '../../../activities/window-lock.ts';
import { closeWindowsAtEnd } from '../../../activities/windows.ts';
import { joinIntake } from '../../../db/locks.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import { aContractFact, tenPercent } from '../../support/ground.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

/** Locks and states a window at its own dates, without the workflow around it. */
async function state(acme: Programme, partnerId: string, no: number) {
  const [window] = await acme.rows<{ id: string; statement_at: string }>(
    'select id, statement_at from attribution_window where partner_id = $1 and no = $2',
    [partnerId, no],
  );
  const about = { programId: acme.programId, windowId: window!.id, at: new Date(window!.statement_at).toISOString() };
  await createWindowLockActivities({ pool: stage.pool } as never).lockWindows(about);
  const { drawStatement } = createStatementActivities({ pool: stage.pool } as never);
  const drawn = await drawStatement(about);
  expect(await drawStatement(about)).toEqual(drawn);
  const [row] = await acme.rows<Record<string, unknown>>(
    `select carry_in_minor as carry, net_minor as net, vat_minor as vat, gross_minor as gross, amount_minor as paid, state
     from statement where id = $1`,
    [drawn.statementId],
  );
  return row;
}

const end = (workflowId: string) => stage.environment.client.workflow.getHandle(workflowId).result();

describe('a statement', () => {
  it('carries 20.00 and then −80.00 net, and pays 54.00 gross in the third month (settlement.md §8)', async () => {
    const settings = defaultSettings();
    settings.thresholds.vat = { DE: { mode: 'add', rateBps: 2_000 } };
    const acme = await Programme.open(stage, settings);
    const terms = { ...tenPercent(), minimumPayout: { minor: 5_000, currency: 'EUR' } };
    const partnerId = await acme.partner({ terms });
    await acme.rows(`update payout_details set vat_id = 'DE123456789'`);

    await acme.sold(partnerId, 'order-1', 20_000);
    const first = await state(acme, partnerId, 1);
    // A refund of 10,000.00 on an order of 12,500.00: in the second month − 1,000.00, with 900.00 of new sales.
    await acme.sold(partnerId, 'order-2', 90_000);
    await acme.rows(
      `insert into adjustment (program_id, id, partner_id, amount_minor, currency, reason, requested_by) values ($1, 'adj_1', $2, -19000, 'EUR', 'x', 'x')`,
      [acme.programId, partnerId],
    );
    const { createAdjustmentActivities } = await import('../../../activities/adjustment.ts');
    const decided = { programId: acme.programId, subjectId: 'adj_1', outcome: 'approve', taskId: 't', at: acme.now };
    await createAdjustmentActivities({ pool: stage.pool } as never).decideAdjustment({
      ...decided,
      by: { kind: 'person', id: 'p' },
    });
    const second = await state(acme, partnerId, 2);
    await acme.sold(partnerId, 'order-3', 125_000);
    const third = await state(acme, partnerId, 3);

    expect(first).toEqual({ carry: 0, net: 2_000, vat: 400, gross: 2_400, paid: 0, state: 'carried' });
    expect(second).toEqual({ carry: 2_000, net: -10_000, vat: -2_000, gross: -12_000, paid: 0, state: 'carried' });
    expect(third).toEqual({ carry: -8_000, net: 12_500, vat: 2_500, gross: 15_000, paid: 5_400, state: 'drawn' });
    expect([await acme.balance('payable', partnerId), await acme.balance('receivable', partnerId)]).toEqual([5_400, 0]);
    expect(await acme.balance('vat-input')).toBe(-900);
  });

  it('leaves out what is in its hold time, and takes it once that is over', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner({ terms: { ...tenPercent(), hold: 'P60D' } });
    await acme.sold(partnerId, 'order-1', 10_000);

    const [first, second] = [await state(acme, partnerId, 1), await state(acme, partnerId, 2)];

    expect(first).toMatchObject({ state: 'empty', paid: 0 });
    expect(second).toMatchObject({ state: 'drawn', paid: 1_000 });
  });

  it('knows no minimum at the end of a contract, and states what was held then by a supplementary one', async () => {
    const acme = await Programme.open(stage);
    const terms = { ...tenPercent(), minimumPayout: { minor: 50_000, currency: 'EUR' } };
    const partnerId = await acme.partner({ terms });
    await acme.sold(partnerId, 'order-1', 10_000);
    const heldId = await acme.sold(partnerId, 'order-2', 3_000);
    await acme.rows(
      `insert into hold (program_id, id, partner_id, conversion_id, reason, placed_by, placed_at) values ($1, 'hld_1', $2, $3, 'x', 'per_x', now())`,
      [acme.programId, partnerId, heldId],
    );
    const [{ contract_id: contractId }] = (await acme.rows('select contract_id from contract_fact')) as [
      { contract_id: string },
    ];
    const at = new Date(Date.parse(acme.now) + 60_000).toISOString();
    await aContractFact(stage.pool, acme.programId, { partnerId, contractId, kind: 'ended', version: 1, at });
    await inTransaction(stage.pool, acme.programId, async (tx) =>
      closeWindowsAtEnd(tx, partnerId, at, await joinIntake(tx)),
    );
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];

    const settlement = await acme.settle(partnerId);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await acme.paidOut(partnerId, 'paid', '6 hours');
    await acme.rows(`update hold set ended_at = now(), ending = 'lifted', ended_by = 'per_x'`);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await acme.until('both payouts', async () => (await acme.sent(partnerId)).length === 2, '6 hours');
    await end(settlement);

    expect(await acme.sent(partnerId)).toEqual(['paid 1000', 'paid 300']);
    expect((await acme.rows('select kind from statement order by id')).map(({ kind }) => kind)).toEqual([
      'final',
      'supplementary',
    ]);
  });
});
