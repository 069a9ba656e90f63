import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { completeTask } from '../../../workflows/messages.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { ANSWERS, World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = await new World(temporal, postgres).start(['journeys']);
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

describe('a decision', () => {
  it('stands once when two persons decide at once, and the other gets it with 409', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    const task = await world.openTask('application.decision', partnerId);
    const results = await Promise.allSettled([
      world.complete(task, 'approve', world.person('manager')),
      world.complete(task, 'decline', world.person('manager2'), { reason: 'No fit.' }),
    ]);
    const [won] = results.filter((result) => result.status === 'fulfilled');
    const [lost] = results.filter((result) => result.status === 'rejected');
    expect(lost!.reason.cause).toMatchObject({ type: 'task-decided', details: [won!.value] });
    const decided = await world.rows(`select 1 from event where kind = 'task.decided' and subject_id = $1`, [task.id]);
    expect(decided).toHaveLength(1);
  });

  it('is heard again by the same person with the same outcome only', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    const task = await world.openTask('application.decision', partnerId);
    const first = await world.complete(task, 'waitlist', world.person('manager'));
    expect(await world.complete(task, 'waitlist', world.person('manager'))).toEqual(first);
    const other = world.complete(task, 'waitlist', world.person('manager2'));
    await expect(other).rejects.toMatchObject({ cause: { type: 'task-decided', details: [first] } });
  });

  it('is refused to a person without the role and to a partner of somebody else, and nothing is written', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    const task = await world.openTask('application.decision', partnerId);
    for (const actor of [
      world.person('legal'),
      { kind: 'partner', id: partnerId } as const,
      { kind: 'key', id: 'k' } as const,
    ]) {
      await expect(world.complete(task, 'approve', actor)).rejects.toMatchObject({ cause: { type: 'forbidden' } });
    }
    const [row] = await world.rows('select state from task where id = $1', [task.id]);
    expect(row.state).toBe('open');
  });

  it('sent while no worker runs is carried out once, and the same command gets its one result', async () => {
    const partnerId = await world.invite({ answers: ANSWERS });
    const task = await world.openTask('application.decision', partnerId);
    await world.stopWorkers();
    const actor = world.person('manager');
    const commandId = await world.type('task.complete', task.id, actor, {});
    const handle = temporal.client.workflow.getHandle(task.workflowId);
    const send = () =>
      handle.executeUpdate(completeTask, {
        args: [{ commandId, actor, taskId: task.id, outcome: 'approve' }],
        updateId: commandId,
      });
    const early = temporal.client.withDeadline(Date.now() + 1_500, send);
    await expect(early).rejects.toBeInstanceOf(WorkflowUpdateRPCTimeoutOrCancelledError);

    await world.startWorkers(['journeys']);
    await world.untilStatus(partnerId, 'contracting');
    expect(await send()).toMatchObject({ taskId: task.id, outcome: 'approve', by: actor });
    const decided = await world.rows(`select 1 from event where kind = 'task.decided' and subject_id = $1`, [task.id]);
    expect(decided).toHaveLength(1);
  });
});
