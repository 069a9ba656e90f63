import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createPolicyActivities } from '../../activities/policy.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { storeCommandInput } from '../../db/queries/command-input.ts';
import { submitPolicyDraft } from '../../db/queries/policy.ts';
import { getPolicy, insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aProgram, LINEAR } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

it('a submission that is tried again stands, and another one of the same draft is refused', async () => {
  const { programId } = await aProgram(pool);
  const inOwn = <Result>(work: Parameters<typeof inTransaction<Result>>[2]) => inTransaction(pool, programId, work);
  const policyId = newId('policy');
  await inOwn((tx) => insertPolicyDraft(tx, { id: policyId, body: LINEAR, createdBy: 'per_x' }));
  const submit = async (by: string, more: object = {}, reason = 'Why') => {
    const [commandId, actor] = [randomUUID(), { kind: 'person' as const, id: by }];
    await inOwn((tx) =>
      storeCommandInput(tx, { id: commandId, kind: 'policy.submit', subjectId: policyId, data: { reason }, by: actor }),
    );
    await createPolicyActivities({ pool } as ActivityDeps).submitPolicyDraft({
      ...{ programId, policyId, commandId, actor, at: '2026-03-01T00:00:00Z' },
      ...{ effectiveFrom: '2026-04-01T00:00:00Z', downward: 'waive', ...more },
    });
  };
  await submit('per_x');
  await submit('per_x');
  for (const another of [
    () => submit('per_y'),
    () => submit('per_x', { effectiveFrom: '2026-05-01T00:00:00Z' }),
    () => submit('per_x', { downward: 'recover' }),
    () => submit('per_x', { reevaluateFrom: '2026-01-01T00:00:00Z' }),
    () => submit('per_x', {}, 'Another reason'),
  ])
    await expect(another()).rejects.toMatchObject({ code: 'illegal-transition' });
  expect((await inOwn((tx) => getPolicy(tx, policyId))).submission).toMatchObject({
    effectiveFrom: '2026-04-01T00:00:00Z',
    downward: 'waive',
    reason: 'Why',
  });
});

it('a policy that is approved after the day that was asked for is in force from its approval on, and says so', async () => {
  const { programId } = await aProgram(pool);
  const inOwn = <Result>(work: Parameters<typeof inTransaction<Result>>[2]) => inTransaction(pool, programId, work);
  const effectiveFrom = '2026-04-01T00:00:00Z';
  const approve = async (at: string) => {
    const policyId = newId('policy');
    await inOwn(async (tx) => {
      await insertPolicyDraft(tx, { id: policyId, body: LINEAR, createdBy: 'per_x' });
      await submitPolicyDraft(tx, policyId, { effectiveFrom, downward: 'waive' }, 'per_x', '2026-03-01T00:00:00Z');
    });
    await createPolicyActivities({ pool } as ActivityDeps).approvePolicy({ programId, policyId, taskIds: [], at });
    const { rows } = await inOwn((tx) =>
      tx.query<{ from: string; kinds: string[] }>(
        `select lower(p.during) as "from",
           (select array_agg(e.kind order by e.kind) from event e where e.subject_id = p.policy_id) as kinds
         from policy_period p where p.policy_id = $1`,
        [policyId],
      ),
    );
    return rows;
  };
  const isFrom = (instant: string, ...kinds: string[]) => [{ from: expect.stringContaining(instant), kinds }];
  expect(await approve('2026-03-02T00:00:00Z')).toEqual(isFrom('2026-04-01', 'policy.approved'));
  expect(await approve('2026-04-09T00:00:00Z')).toEqual(isFrom('2026-04-09', 'policy.approved', 'policy.date-moved'));
});
