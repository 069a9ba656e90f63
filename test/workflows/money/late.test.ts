import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { taskQueues } from '../../../activities/deps.ts';
import { createFeedActivities } from '../../../activities/feed.ts';
import { closeWindowsAtEnd } from '../../../activities/windows.ts';
import { joinIntake } from '../../../db/locks.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aContractFact } from '../../support/ground.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

async function endContract(acme: Programme, partnerId: string): Promise<void> {
  const [fact] = await acme.rows<{ contract_id: string }>('select contract_id from contract_fact');
  const at = new Date(Date.parse(acme.now) + 60_000).toISOString();
  const { contract_id: contractId } = fact!;
  await aContractFact(stage.pool, acme.programId, { partnerId, contractId, kind: 'ended', version: 1, at });
  await inTransaction(stage.pool, acme.programId, async (tx) =>
    closeWindowsAtEnd(tx, partnerId, at, await joinIntake(tx)),
  );
}

/** One pass of the feed, as its workflow makes it. */
async function pass(acme: Programme): Promise<void> {
  const { client } = stage.environment;
  const queues = { ...taskQueues(''), journeys: 'money-test', money: 'money-test' };
  const feed = createFeedActivities({ pool: stage.pool, client, taskQueues: queues } as never);
  await feed.drainIntake({ programId: acme.programId, at: acme.now });
  await feed.drainCommissions({ programId: acme.programId, at: acme.now });
}

/** The settlement's end, noted as the archive of histories notes it. */
async function ended(acme: Programme, workflowId: string): Promise<void> {
  await stage.environment.client.workflow.getHandle(workflowId).result();
  await acme.rows(`update workflow_run set closed_at = now() where workflow_id = $1`, [workflowId]);
}

describe('after the end of a contract', () => {
  it('a refund makes a receivable, and money that comes later is netted with it', async () => {
    const acme = await Programme.open(stage);
    const partnerId = await acme.partner();
    await acme.sold(partnerId, 'order-1', 10_000);
    await endContract(acme, partnerId);
    const [finn, freya] = [await acme.person('finance', 0), await acme.person('finance', 1)];
    const settlement = await acme.settle(partnerId);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await acme.paidOut(partnerId, 'paid', '6 hours');
    await ended(acme, settlement);

    await acme.refund('refund-1', 'order-1', 4_000);
    await pass(acme);
    const approval = await acme.decide('settlement.approval', 'approve', { by: finn });
    await ended(acme, settlement);
    const [statement] = await acme.rows('select kind, net_minor, amount_minor from statement where id = $1', [
      approval.subject_id,
    ]);
    expect(statement).toEqual({ kind: 'supplementary', net_minor: -400, amount_minor: 0 });
    expect(await acme.balance('receivable', partnerId)).toBe(-400);

    const heldId = await acme.sold(partnerId, 'order-2', 20_000);
    await acme.rows(
      `insert into hold (program_id, id, partner_id, conversion_id, reason, placed_by, placed_at) values ($1, 'hld_1', $2, $3, 'x', 'per_x', now())`,
      [acme.programId, partnerId, heldId],
    );
    await pass(acme);
    await acme.rows(`update hold set ended_at = now(), ending = 'lifted', ended_by = 'per_x'`);
    await acme.decide('settlement.approval', 'approve', { by: finn });
    await acme.decide('payout.release', 'release', { by: freya });
    await acme.until('both payouts', async () => (await acme.sent(partnerId)).length === 2, '6 hours');

    expect(await acme.sent(partnerId)).toEqual(['paid 1000', 'paid 1600']);
    expect(await acme.balance('receivable', partnerId)).toBe(0);
  }, 120_000);
});
