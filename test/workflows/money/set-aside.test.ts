import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { taskQueues } from '../../../activities/deps.ts';
import { createFeedActivities } from '../../../activities/feed.ts';
import { auditProgram, CHECKS } from '../../../audit/run.ts';
import { tenPercent } from '../../support/ground.ts';
import { MoneyStage } from './stage.ts';
import { Programme } from './programme.ts';

let stage: MoneyStage;

beforeAll(async () => {
  stage = await MoneyStage.open();
}, 120_000);
afterAll(() => stage.close());

describe('work that fails three times', () => {
  it('opens a difference with the error; corrected it is queued again, explained it stays', async () => {
    const acme = await Programme.open(stage);
    // Terms that no version of Tandem can price stand for whatever breaks a posting.
    const partnerId = await acme.partner({ terms: { ...tenPercent(), plan: null as never } });
    const finn = await acme.person('finance');
    const identity = { customerId: 'c-1' };
    await acme.touch({ id: 't-1', partnerId, identity, occurredAt: acme.daysAgo(1.5) });
    await acme.sale('order-1', 10_000, acme.daysAgo(1), { identity });
    const queues = { ...taskQueues(''), journeys: 'money-test', money: 'money-test' };
    const { client } = stage.environment;
    const feed = createFeedActivities({ pool: stage.pool, client, taskQueues: queues } as never);
    const pass = async () => {
      await feed.drainIntake({ programId: acme.programId, at: acme.now });
      await feed.drainCommissions({ programId: acme.programId, at: acme.now });
    };
    const aside = () => acme.rows<{ id: string; error: string }>('select id, error from work_set_aside');
    const waiting = () => acme.rows('select partner_id, attempts from commission_work');

    await pass();
    const [first] = await aside();
    const task = await acme.task('reconciliation.difference', '1 second');
    expect(task).toMatchObject({ subject_id: first!.id, data: { queue: 'commission_work', error: first!.error } });
    await acme.complete(task, 'correct', { by: finn });
    await acme.until('the queue', async () => (await waiting()).length === 1, '1 second');
    expect([await waiting(), await aside()]).toEqual([[{ partner_id: partnerId, attempts: 0 }], []]);

    // It was not repaired, so it comes back.
    await pass();
    const [second] = await aside();
    expect(second!.id).not.toBe(first!.id);
    const again = await acme.task('reconciliation.difference', '1 second', [task.id]);
    await acme.complete(again, 'explain', { by: finn });
    await client.workflow.getHandle(again.workflow_id).result();
    expect([await waiting(), (await aside()).map(({ id }) => id)]).toEqual([[], [second!.id]]);
    const evidence = { pool: stage.pool, client: null, providerUrl: null };
    const checks = CHECKS.filter(({ name }) => name === 'no work was set aside');
    const [finding] = await auditProgram(evidence, acme.programId, checks);
    expect(finding).toMatchObject({ result: 'explained', detail: expect.stringContaining(second!.id) });
  }, 120_000);
});
