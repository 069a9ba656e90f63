import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inTransaction } from '../../db/transaction.ts';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { eventually } from '../support/eventually.ts';
import { startApi } from './api-stack.ts';
import type { ApiStack, Reply } from './api-stack.ts';
import { startApiWorker } from './api-worker.ts';

let api: ApiStack;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
});
afterAll(async () => {
  await stopWorker?.();
  await api?.stop();
});

const invitation = (email: string, more = {}) => ({
  name: 'Mira Films',
  email,
  type: 'creator',
  country: 'DE',
  ...more,
});
const ANSWERS = { audienceSize: 48_000, channels: ['video'], verticals: ['marketing'], regions: ['DE'] };

const invite = async (email: string, more = {}): Promise<string> => {
  const reply = await api.send('POST', '/v1/partners', {
    key: api.keys.partner_manager,
    body: invitation(email, more),
  });
  expect(reply).toMatchObject({ status: 201 });
  return reply.body.id;
};

const keyOf = (partnerId: string) =>
  inTransaction(
    api.pool,
    api.programId,
    async (tx) => (await mintApiKey(tx, { name: 'P', role: 'partner', partnerId })).apiKey,
  );

const openTask = (partnerId: string, kind: string) =>
  eventually(async () => {
    const { body } = await api.send('GET', `/v1/tasks?partnerId=${partnerId}&kind=${kind}&state=open`, {
      key: api.keys.owner,
    });
    if (!body.items[0]) throw new Error(`No open task ${kind}.`);
    return body.items[0];
  });

const complete = (taskId: string, key: string | undefined, body: unknown): Promise<Reply> =>
  api.send('POST', `/v1/tasks/${taskId}/complete`, { key, body });

describe('a partner', () => {
  it('starts its journey, and shows whose turn it is', async () => {
    const id = await invite('start@partners.example', { externalId: 'ext-1' });
    const task = await openTask(id, 'partner.survey');
    const { body } = await api.send('GET', `/v1/partners/${id}`, { key: api.keys.auditor });
    expect(body).toMatchObject({ id, status: 'surveying', workflowId: `partner/${id}`, market: 'DE', currency: 'EUR' });
    expect(body.waitingFor).toMatchObject([{ taskId: task.id, kind: 'partner.survey', role: 'partner' }]);
  });

  it('is made once of ten requests with one key, and the same externalId again is refused with the id that exists', async () => {
    const request = {
      key: api.keys.partner_manager,
      body: invitation('ten@partners.example', { externalId: 'ext-10' }),
      idempotencyKey: 'ten',
    };
    const replies = await Promise.all(Array.from({ length: 10 }, () => api.send('POST', '/v1/partners', request)));
    const ids = new Set(replies.filter(({ status }) => status === 201).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201, 409]));
    const again = await api.send('POST', '/v1/partners', {
      ...request,
      body: invitation('other@partners.example', { externalId: 'ext-10' }),
      idempotencyKey: 'other',
    });
    expect(again.body).toMatchObject({ status: 409, code: 'duplicate', existingId: [...ids][0] });
  });

  it('applies by itself with answers and goes to screening', async () => {
    const body = { ...invitation('applies@partners.example'), programId: api.programId, answers: ANSWERS };
    const reply = await api.send('POST', '/v1/applications', { body });
    expect(reply).toMatchObject({ status: 201, body: { status: 'screening' } });
    await openTask(reply.body.id, 'application.decision');
    expect((await api.send('POST', '/v1/applications', { body })).status).toBe(409);
    expect((await api.send('POST', '/v1/applications', { body, idempotencyKey: null })).status).toBe(400);
  });

  it('refuses an illegal transition with 409 and changes nothing', async () => {
    const id = await invite('illegal@partners.example');
    const reply = await api.send('POST', `/v1/partners/${id}/resume`, {
      key: api.keys.partner_manager,
      body: { reason: 'x' },
    });
    expect(reply.body).toMatchObject({ status: 409, code: 'illegal-transition' });
    expect((await api.send('GET', `/v1/partners/${id}`, { key: api.keys.owner })).body.status).toBe('surveying');
  });

  it('sees only itself', async () => {
    const mine = await invite('mine@partners.example');
    const theirs = await invite('theirs@partners.example');
    const key = await keyOf(mine);
    expect((await api.send('GET', `/v1/partners/${mine}`, { key })).status).toBe(200);
    expect((await api.send('GET', `/v1/partners/${theirs}`, { key })).status).toBe(404);
    expect((await api.send('GET', '/v1/partners', { key })).body.items).toHaveLength(1);
    expect(
      (await api.send('GET', `/v1/tasks?partnerId=${theirs}`, { key })).body.items.every(
        (task: any) => task.partnerId === mine,
      ),
    ).toBe(true);
  });

  it('changes its language from a date on, but not its owner', async () => {
    const id = await invite('profile@partners.example');
    const key = await keyOf(id);
    const changed = await api.send('PATCH', `/v1/partners/${id}`, { key, body: { language: 'ja' } });
    expect(changed.body).toMatchObject({ language: 'ja', timeZone: 'Europe/Berlin' });
    const refused = await api.send('PATCH', `/v1/partners/${id}`, { key, body: { ownerId: api.people.owner } });
    expect(refused.body).toMatchObject({ status: 422, errors: [{ path: 'ownerId' }] });
  });
});

describe('a task', () => {
  it('is decided once: repeated it is the same, later ones hear what stands', async () => {
    const id = await invite('task@partners.example');
    const survey = await openTask(id, 'partner.survey');
    const key = await keyOf(id);
    const outsider = await complete(survey.id, api.keys.partner_manager, {
      outcome: 'answered',
      data: { answers: ANSWERS },
    });
    expect(outsider.status).toBe(403);
    const bad = await complete(survey.id, key, {
      outcome: 'answered',
      data: { answers: { ...ANSWERS, audienceSize: 1.5 } },
    });
    expect(bad.body).toMatchObject({ status: 422, errors: [{ path: 'data.answers.audienceSize' }] });
    const done = await complete(survey.id, key, { outcome: 'answered', data: { answers: ANSWERS } });
    expect(done.body.task).toMatchObject({
      id: survey.id,
      state: 'done',
      decision: { outcome: 'answered', by: { kind: 'partner', id } },
    });

    const decision = await openTask(id, 'application.decision');
    const noReason = await complete(decision.id, api.keys.partner_manager, { outcome: 'decline' });
    expect(noReason.body).toMatchObject({ status: 422, errors: [{ path: 'reason' }] });
    expect((await complete(decision.id, api.keys.partner_manager, { outcome: 'sign' })).status).toBe(422);
    expect((await complete(decision.id, api.keys.machine, { outcome: 'approve' })).status).toBe(403);
    const both = await Promise.all([
      complete(decision.id, api.keys.partner_manager, { outcome: 'approve' }),
      complete(decision.id, api.keys.partner_manager2, { outcome: 'waitlist' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = both.find(({ status }) => status === 200)!.body.task.decision;
    const loser = both.find(({ status }) => status === 409)!.body;
    expect(loser).toMatchObject({ code: 'task-decided', decision: { outcome: winner.outcome, by: winner.by } });
    const winnersKey =
      winner.by.id === api.people.partner_manager ? api.keys.partner_manager : api.keys.partner_manager2;
    expect((await complete(decision.id, winnersKey, { outcome: winner.outcome })).status).toBe(200);
    expect((await complete(decision.id, winnersKey, { outcome: 'decline', reason: 'late' })).body).toMatchObject({
      status: 409,
      decision: { outcome: winner.outcome },
    });
  });

  it('is decided in bulk with a result for each', async () => {
    const id = await invite('bulk@partners.example');
    const survey = await openTask(id, 'partner.survey');
    const reply = await api.send('POST', '/v1/tasks/complete', {
      key: await keyOf(id),
      body: {
        items: [
          { taskId: survey.id, outcome: 'answered', data: { answers: ANSWERS } },
          { taskId: 'tsk_nothing', outcome: 'answered' },
        ],
      },
    });
    expect(reply.body.results).toMatchObject([
      { taskId: survey.id, status: 200, task: { state: 'done' } },
      { taskId: 'tsk_nothing', status: 404, problem: { code: 'not-found' } },
    ]);
  });

  it('is claimed by one person, released, assigned and talked about', async () => {
    const id = await invite('desk@partners.example');
    await complete((await openTask(id, 'partner.survey')).id, await keyOf(id), {
      outcome: 'answered',
      data: { answers: ANSWERS },
    });
    const { id: taskId } = await openTask(id, 'application.decision');
    const desk = (action: string, key: string | undefined, body: unknown = {}) =>
      api.send('POST', `/v1/tasks/${taskId}/${action}`, { key, body });
    await desk('release', api.keys.partner_manager);
    expect((await desk('claim', api.keys.partner_manager)).body.assignee).toBe(api.people.partner_manager);
    expect((await desk('claim', api.keys.partner_manager2)).status).toBe(409);
    expect((await desk('claim', api.keys.legal)).status).toBe(403);
    expect((await desk('assign', api.keys.partner_manager, { personId: api.people.legal })).status).toBe(422);
    expect(
      (await desk('assign', api.keys.partner_manager, { personId: api.people.partner_manager2 })).body.assignee,
    ).toBe(api.people.partner_manager2);
    const talked = await desk('comments', api.keys.partner_manager, { text: '<script>alert(1)</script>' });
    expect(talked.body.comments).toMatchObject([
      { text: '<script>alert(1)</script>', authorId: api.people.partner_manager },
    ]);
    const mine = await api.send('GET', '/v1/tasks?assignee=me&state=open', { key: api.keys.partner_manager2 });
    expect(mine.body.items.map((task: any) => task.id)).toContain(taskId);
  });
});

describe('a decision that comes too late', () => {
  const late = async (taskId: string, key: string | undefined, outcome: string, data?: object) =>
    (await complete(taskId, key, { outcome, ...(data ? { data } : {}) })).body;
  const closed = (taskId: string) =>
    eventually(async () => {
      const { body } = await api.send('GET', `/v1/tasks/${taskId}`, { key: api.keys.owner });
      if (body.state === 'open') throw new Error('Still open.');
      return body;
    });
  /** From here on tasks of the kind wait one second. */
  const hurry = (kind: string) =>
    inTransaction(api.pool, api.programId, (tx) =>
      tx.query(
        `update program set settings = jsonb_set(settings, $2, '{"due": "PT1S", "remind": [], "escalate": null}') where program_id = $1`,
        [api.programId, ['durations', 'tasks', kind]],
      ),
    );

  it('hears that the flow cancelled the task, and its partner stays where it is', async () => {
    const id = await invite('cancelled@partners.example');
    const key = await keyOf(id);
    const survey = await openTask(id, 'partner.survey');
    await api.send('POST', `/v1/partners/${id}/withdraw`, { key, body: { reason: 'No time.' } });
    expect((await closed(survey.id)).state).toBe('cancelled');
    expect(await late(survey.id, key, 'answered', { answers: ANSWERS })).toMatchObject({
      status: 409,
      code: 'task-closed',
      decision: { outcome: 'cancelled' },
    });
    expect((await closed(survey.id)).decision).toBeNull();
  });

  it('hears that the task expired', async () => {
    await hurry('partner.survey');
    const id = await invite('expired@partners.example');
    const key = await keyOf(id);
    const survey = await openTask(id, 'partner.survey');
    expect((await closed(survey.id)).state).toBe('expired');
    expect(await late(survey.id, key, 'answered', { answers: ANSWERS })).toMatchObject({
      status: 409,
      code: 'task-closed',
      decision: { outcome: 'expired' },
    });
    const claimed = await api.send('POST', `/v1/tasks/${survey.id}/claim`, { key: api.keys.owner, body: {} });
    expect(claimed.body).toMatchObject({ status: 409, code: 'task-closed' });
  });

  it('hears what the deadline decided, even when it wants the same', async () => {
    await hurry('application.decision');
    const body = { ...invitation('default@partners.example'), programId: api.programId, answers: ANSWERS };
    const { id } = (await api.send('POST', '/v1/applications', { body })).body;
    const decision = await openTask(id, 'application.decision');
    const byRule = { outcome: 'waitlist', by: { kind: 'rule', id: 'deadline' } };
    expect(await closed(decision.id)).toMatchObject({ state: 'done', decision: byRule });
    for (const outcome of ['approve', 'waitlist']) {
      expect(await late(decision.id, api.keys.partner_manager, outcome)).toMatchObject({
        status: 409,
        code: 'task-decided',
        decision: byRule,
      });
    }
    // The task is decided first; then the flow moves its partner.
    await eventually(async () =>
      expect((await api.send('GET', `/v1/partners/${id}`, { key: api.keys.owner })).body.status).toBe('waitlisted'),
    );
  });
});
