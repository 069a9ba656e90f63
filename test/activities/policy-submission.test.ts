import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createPolicyActivities } from '../../activities/policy.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { storeCommandInput } from '../../db/queries/command-input.ts';
import { submitPolicyDraft } from '../../db/queries/policy.ts';
import { getPolicy, insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { getStudy, insertStudy } from '../../db/queries/study.ts';
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

it('approvers read a study of what the policy moves: not one of another range, an older one, or one of the draft before a change', async () => {
  const { programId } = await aProgram(pool);
  const inOwn = <Result>(work: Parameters<typeof inTransaction<Result>>[2]) => inTransaction(pool, programId, work);
  const at = '2026-03-01T12:00:00Z';
  const studied = async (
    { fromAt, toAt, cutAt = toAt }: { fromAt: string; toAt: string; cutAt?: string | null },
    {
      reevaluateFrom,
      state = 'done',
      policy = LINEAR,
    }: { reevaluateFrom?: string; state?: string; policy?: object } = {},
  ) => {
    const [policyId, id] = [newId('policy'), newId('study')];
    await inOwn(async (tx) => {
      await insertPolicyDraft(tx, { id: policyId, body: LINEAR, createdBy: 'per_x' });
      const asked = { effectiveFrom: '2026-04-01T00:00:00Z', downward: 'waive' as const, reevaluateFrom };
      await submitPolicyDraft(tx, policyId, asked, 'per_x', at);
      await insertStudy(tx, { id, policyId, fromAt, toAt, requestedBy: 'per_x' });
      await tx.query('update study set state = $2, cut_at = $3, policy = $4 where id = $1', [id, state, cutAt, policy]);
    });
    const found = await createPolicyActivities({ pool } as ActivityDeps).studyOfSubmission({ programId, policyId, at });
    const { fromAt: from, toAt: to } = await inOwn((tx) => getStudy(tx, found.studyId));
    return { isTaken: found.studyId === id, isDone: found.isDone, range: [from, to].map((text) => text.slice(0, 10)) };
  };
  const whole = { fromAt: '2026-01-01T00:00:00Z', toAt: '2026-03-01T11:30:00Z' };
  const reevaluateFrom = '2026-01-15T00:00:00Z';
  const isTaken = { isTaken: true, isDone: true };
  const isNew = { isTaken: false, isDone: false };
  expect(await studied(whole, { reevaluateFrom })).toMatchObject(isTaken);
  expect(await studied(whole)).toMatchObject(isTaken);
  expect(await studied(whole, { reevaluateFrom, state: 'running' })).toMatchObject({ isTaken: true, isDone: false });
  const second = { fromAt: '2020-01-01T00:00:00Z', toAt: '2020-01-01T00:00:01Z' };
  const anew = { ...isNew, range: ['2026-01-15', '2026-03-01'] };
  for (const state of ['done', 'running', 'queued']) {
    expect(await studied(second, { reevaluateFrom, state })).toMatchObject(anew);
    expect(await studied({ ...second, cutAt: at }, { reevaluateFrom, state })).toMatchObject(anew);
    // It reaches up to now, but what came since its cut is not in it.
    expect(await studied({ ...whole, cutAt: second.toAt }, { reevaluateFrom, state })).toMatchObject(anew);
    expect(await studied(whole, { reevaluateFrom: '2025-12-01T00:00:00Z', state })).toMatchObject(isNew);
    expect(await studied(whole, { reevaluateFrom, state, policy: { ...LINEAR, name: 'Another' } })).toMatchObject(anew);
  }
  // Without a re-evaluation approvers see the last thirty days.
  const week = { ...whole, fromAt: '2026-02-22T00:00:00Z' };
  expect(await studied(week)).toMatchObject({ ...isNew, range: ['2026-01-30', '2026-03-01'] });
});
