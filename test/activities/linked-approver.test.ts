import { expect, it } from '@jest/globals';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createTaskActivities } from '../../activities/task.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { makeProgram } from '../../stack/seed/program.ts';
import { LINEAR } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const AT = '2026-03-01T00:00:00Z';

it('a decision on a policy that names a partner is refused under its lock to who is linked to that partner', async () => {
  const programId = newId('program');
  await makeProgram(pool, { programId, name: 'Test', fast: true, mailDomain: 'team.example' });
  const [policyId, partnerId] = [newId('policy'), newId('partner')];
  const managers = await inTransaction(pool, programId, async (tx) => {
    const body = { ...LINEAR, multipliers: [{ partnerId, factor: 2 }] };
    await insertPolicyDraft(tx, { id: policyId, body, createdBy: 'per_x' });
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
  await expect(decide(managers[0]!)).rejects.toMatchObject({ code: 'linked-person' });
  expect(await decide(managers[1]!)).toMatchObject({ outcome: 'approve', by: { id: managers[1] } });
});
