import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { failReevaluationRun } from '../../activities/attribution/reevaluation-run.ts';
import { StudyWorld } from '../activities/attribution/study-world.ts';
import { aPartner, LINEAR } from '../support/ground.ts';
import { daysAgo } from '../support/days-ago.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack } from './api-stack.ts';

const POLICIES = '/v1/attribution/policies';

let api: ApiStack;
let world: StudyWorld;
beforeAll(async () => {
  api = await startApi();
  world = new StudyWorld(api.pool, api.programId);
  const { partnerId } = await aPartner(api.pool, api.programId, { contractFrom: daysAgo(9) });
  await world.touch(
    { id: 'p', partnerId, occurredAt: daysAgo(6) },
    { id: 'm', channel: 'system_email', occurredAt: daysAgo(5) },
  );
  await world.sale('order-1', 10_000, daysAgo(4));
  await world.drain();
}, 120_000);
afterAll(() => api?.stop());

const get = (path: string, key = api.keys.partner_manager) => api.send('GET', path, { key });
const drafted = async (name: string): Promise<string> => {
  const { body } = await api.send('POST', POLICIES, {
    key: api.keys.partner_manager,
    body: { name, model: { kind: 'first' } },
  });
  return body.id;
};

/** Cut and studied, not carried out. */
async function evaluated(policyId: string): Promise<string> {
  const { evaluationId, studyId } = await world.evaluation(policyId);
  await world.cut(evaluationId);
  await world.run(studyId);
  return evaluationId;
}

it('the policy that a program starts with says that it holds since the first instant of all', async () => {
  const { body } = await get(`${POLICIES}?state=active`);
  expect(body.items).toMatchObject([{ state: 'active', effectiveFrom: '1970-01-01T00:00:00Z', evaluationId: null }]);
});

it('a policy names its newest re-evaluation, and that says why it failed and what overtook it', async () => {
  const [policyId, otherId] = [await drafted('First'), await drafted('First too')];
  expect((await get(`${POLICIES}/${policyId}`)).body.evaluationId).toBeNull();
  const overtaken = await evaluated(policyId);
  const other = await evaluated(otherId);
  await world.execute(other);
  const refused = await world.execute(overtaken).catch(({ message }: Error) => message);
  await failReevaluationRun(api.pool, api.programId, overtaken, { at: world.now, failure: refused });

  expect((await get(`${POLICIES}/${policyId}`)).body.evaluationId).toBe(overtaken);
  expect((await get(`/v1/attribution/evaluations/${overtaken}`)).body).toMatchObject({
    state: 'failed',
    failure: `Re-evaluation ${other} was carried out after the cut of ${overtaken}, so what it compares with no longer stands.`,
    overtakenBy: other,
  });
  expect((await get(`/v1/attribution/evaluations/${other}`)).body).toMatchObject({
    state: 'running',
    executedAt: expect.any(String),
    failure: null,
    overtakenBy: null,
  });
  const anew = await evaluated(policyId);
  expect((await get(`${POLICIES}/${policyId}`)).body.evaluationId).toBe(anew);
  expect((await get(`${POLICIES}?limit=200`)).body.items).toContainEqual(
    expect.objectContaining({ id: otherId, evaluationId: other }),
  );
});

it('what happened to a policy, its studies and its re-evaluations is read page by page, by the team alone', async () => {
  const policyId = await drafted('Linear');
  await drafted('Another');
  await world.run(await world.study(policyId));
  await world.execute(await evaluated(policyId));
  const path = `${POLICIES}/${policyId}/timeline`;
  const items: { kind: string; text: string; subject: { type: string } }[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await get(`${path}?limit=2${cursor && `&cursor=${cursor}`}`, api.keys.auditor);
    expect(body.items.length).toBeLessThanOrEqual(2);
    items.push(...body.items);
    cursor = body.nextCursor;
  }

  expect(items.map(({ kind }) => kind).sort()).toEqual([
    'evaluation.cut',
    'evaluation.executed',
    'policy.drafted',
    'study.finished',
    'study.finished',
  ]);
  expect(new Set(items.map(({ subject }) => subject.type))).toEqual(new Set(['policy', 'study', 'evaluation']));
  for (const { text } of items) expect(text).not.toMatch(/[{}]/);
  expect((await get(`${path}?cursor=bm9uZQ`)).status).toBe(422);
  expect((await get(path, api.keys.developer)).status).toBe(403);
  expect((await get(`${POLICIES}/pol_none/timeline`)).status).toBe(404);
});

it('a draft of a policy that was never approved holds from no day', async () => {
  expect((await get(`${POLICIES}/${await world.draft({ ...LINEAR, name: 'Draft' })}`)).body).toMatchObject({
    effectiveFrom: null,
    evaluationId: null,
  });
});
