import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createTaskActivities } from '../../activities/task.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { storeCommandInput } from '../../db/queries/command-input.ts';
import { insertCase } from '../../db/queries/feedback.ts';
import { insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { makeProgram } from '../../stack/seed/program.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const AT = '2026-03-01T00:00:00Z';

/** A program with its people, one of whose two managers is linked to a partner. */
async function aLinkedManager(partnerIdOf: (programId: string) => Promise<string>) {
  const programId = newId('program');
  await makeProgram(pool, { programId, name: 'Test', fast: true, mailDomain: 'team.example' });
  const partnerId = await partnerIdOf(programId);
  const [linked, free] = await inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `select person_id as id from membership where role = 'partner_manager' order by 1`,
    );
    await tx.query('insert into person_conflict (program_id, person_id, partner_id) values ($1, $2, $3)', [
      programId,
      rows[0]!.id,
      partnerId,
    ]);
    return rows.map(({ id }) => id);
  });
  return { programId, partnerId, linked: linked!, free: free! };
}

it('a decision on a policy that names a partner is refused under its lock to who is linked to that partner', async () => {
  const policyId = newId('policy');
  const { programId, linked, free } = await aLinkedManager(async (program) => {
    const partnerId = newId('partner');
    const body = { ...LINEAR, multipliers: [{ partnerId, factor: 2 }] };
    await inTransaction(pool, program, (tx) => insertPolicyDraft(tx, { id: policyId, body, createdBy: 'per_x' }));
    return partnerId;
  });
  const tasks = createTaskActivities({ pool } as ActivityDeps);
  const { task } = await tasks.openTask({
    ...{ programId, workflowId: `policy/${policyId}`, key: 'approval/partner_manager', kind: 'policy.approval' },
    ...{ role: 'partner_manager', subject: { type: 'policy', id: policyId }, at: AT },
  });
  const decide = (id: string) =>
    tasks.recordDecision({
      ...{ programId, taskId: task.taskId, outcome: 'approve', at: AT },
      ...{ actor: { kind: 'person', id }, commandId: `cmd_${id}` },
    });
  await expect(decide(linked)).rejects.toMatchObject({ code: 'linked-person' });
  expect(await decide(free)).toMatchObject({ outcome: 'approve', by: { id: free } });
});

it('a correction of an order is refused to who is linked to a partner that has touched it; a plain answer is not', async () => {
  const { programId, partnerId, linked, free } = await aLinkedManager(
    async (program) => (await aPartner(pool, program)).partnerId,
  );
  const world = new World(pool, programId);
  const complaining = await aPartner(pool, programId);
  await world.touch(
    { id: 'ours', partnerId: complaining.partnerId, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 'theirs', partnerId, occurredAt: '2026-03-02T00:00:00Z' },
    { id: 'mail', channel: 'system_email', occurredAt: '2026-03-03T00:00:00Z' },
  );
  const conversionId = await world.sale('order', 10_000, '2026-03-10T00:00:00Z');
  const tasks = createTaskActivities({ pool } as ActivityDeps);

  async function decide(by: string, outcome: string, data: object): Promise<unknown> {
    const [feedbackId, commandId] = [newId('feedback'), randomUUID()];
    const workflowId = `feedback/${feedbackId}`;
    await inTransaction(pool, programId, async (tx) => {
      const dates = { dueAt: '2026-04-01T00:00:00Z', openedAt: '2026-03-20T00:00:00Z' };
      const about = { partnerId: complaining.partnerId, kind: 'attribution' as const, conversionId };
      await insertCase(tx, { ...about, ...dates, id: feedbackId, workflowId });
      const person = { kind: 'person' as const, id: by };
      await storeCommandInput(tx, {
        id: commandId,
        kind: 'task.complete',
        subjectId: feedbackId,
        data: { data },
        by: person,
      });
    });
    const { task } = await tasks.openTask({
      ...{ programId, workflowId, key: 'triage/1', kind: 'feedback.triage', partnerId: complaining.partnerId },
      ...{ subject: { type: 'feedback', id: feedbackId }, at: AT },
    });
    const actor = { kind: 'person' as const, id: by };
    return tasks.recordDecision({ programId, taskId: task.taskId, outcome, actor, commandId, at: AT });
  }
  const wrong = { message: 'That mail was a test.', voidTouchpointId: 'mail' };
  await expect(decide(linked, 'correct', wrong)).rejects.toMatchObject({ code: 'linked-person' });
  expect(await decide(free, 'correct', wrong)).toMatchObject({ outcome: 'correct' });
  expect(await decide(linked, 'answer', { message: 'It is right.' })).toMatchObject({ outcome: 'answer' });
});
