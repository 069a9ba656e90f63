import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;
let partnerId: string;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = await new World(temporal, postgres).start(['journeys']);
  partnerId = await world.activate();
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

const stateOf = async (id: string) => (await world.rows('select state from content where id = $1', [id]))[0]?.state;
const expectState = (id: string, state: string) => eventually(async () => expect(await stateOf(id)).toBe(state));

describe('content', () => {
  it('is reviewed in rounds with automatic checks, approved and published', async () => {
    const id = await world.submit(partnerId, { text: 'The tool I use.' });
    const first = await world.openTask('content.review', partnerId, ({ data }) => data.contentId === id);
    expect(first.data.checks).toMatchObject([{ name: 'disclosure', result: 'missing' }, { name: 'own-link' }]);
    await world.complete(first, 'request-changes', world.person('reviewer'), { reason: 'Say that it is an ad.' });
    await world.decide('content.revision', partnerId, 'resubmitted', 'partner', {
      data: { text: 'Advertisement. It is good.' },
    });
    const second = await world.openTask('content.review', partnerId, ({ data }) => data.round === 2);
    expect(second.data.checks[0]).toMatchObject({ name: 'disclosure', result: 'ok' });
    await world.complete(second, 'approve', world.person('reviewer'));
    await expectState(id, 'approved');
    const data = { url: 'https://blog.example/a', publishedAt: new Date().toISOString() };
    await world.decide('content.publication', partnerId, 'published', 'partner', { data });
    await expectState(id, 'published');
    const rounds = await world.rows('select outcome, comment from content_round where content_id = $1 order by round', [
      id,
    ]);
    expect(rounds).toEqual([
      { outcome: 'request-changes', comment: 'Say that it is an ad.' },
      { outcome: 'approve', comment: null },
    ]);
  });

  it('is rejected with a reason', async () => {
    const id = await world.submit(partnerId, { text: 'Buy!' });
    const task = await world.openTask('content.review', partnerId, ({ data }) => data.contentId === id);
    await world.complete(task, 'reject', world.person('reviewer'), { reason: 'Not for us.' });
    await expectState(id, 'rejected');
  });

  it.each(['content.revision', 'content.publication'] as const)('is withdrawn by its partner at %s', async (kind) => {
    const id = await world.submit(partnerId, { text: 'Advertisement.' });
    const task = await world.openTask('content.review', partnerId, ({ data }) => data.contentId === id);
    const outcome = kind === 'content.revision' ? 'request-changes' : 'approve';
    await world.complete(task, outcome, world.person('reviewer'), { reason: 'Say more.' });
    await world.decide(kind, partnerId, 'withdrawn', 'partner', {}, ({ data }) => data.contentId === id);
    await world.client.workflow.getHandle(`content/${id}`).result();
    expect(await stateOf(id)).toBe('withdrawn');
    const [told] = await world.rows(
      `select actor_kind, data from event where kind = 'content.withdrawn' and subject_id = $1`,
      [id],
    );
    expect(told).toEqual({ actor_kind: 'partner', data: {} });
  });

  it('is not taken from a partner that is paused', async () => {
    await world.change(partnerId, 'pause');
    await expect(world.submit(partnerId, { text: 'a' })).rejects.toMatchObject({
      cause: { type: 'illegal-transition' },
    });
    await world.change(partnerId, 'resume');
  });

  it('that is not published is withdrawn when its partner ends, whoever is asked about it, and no task is left', async () => {
    const ended = await world.activate();
    const live = await world.submit(ended, { text: 'Advertisement.' });
    await world.decide('content.review', ended, 'approve', 'reviewer');
    const data = { url: 'https://blog.example/b', publishedAt: new Date().toISOString() };
    await world.decide('content.publication', ended, 'published', 'partner', { data });
    await expectState(live, 'published');

    const [reviewed, revised, approved] = [
      await world.submit(ended, { text: 'One' }),
      await world.submit(ended, { text: 'Two' }),
      await world.submit(ended, { text: 'Three' }),
    ];
    const reviewOf = (id: string) => world.openTask('content.review', ended, ({ data }) => data.contentId === id);
    const open = await reviewOf(reviewed);
    const reason = 'Say that it is an ad.';
    await world.complete(await reviewOf(revised), 'request-changes', world.person('reviewer'), { reason });
    await world.complete(await reviewOf(approved), 'approve', world.person('reviewer'));
    await world.openTask('content.revision', ended);
    await world.openTask('content.publication', ended);

    expect(await world.change(ended, 'end')).toEqual({ status: 'ended' });
    expect(await world.rows(`select kind from task where partner_id = $1 and state = 'open'`, [ended])).toEqual([]);
    expect(await Promise.all([reviewed, revised, approved, live].map(stateOf))).toEqual([
      ...['withdrawn', 'withdrawn', 'withdrawn', 'published'],
    ]);
    const told = await world.rows(
      `select subject_id, data from event where partner_id = $1 and kind = 'content.withdrawn'`,
      [ended],
    );
    expect(told.map(({ subject_id }) => subject_id).sort()).toEqual([reviewed, revised, approved].sort());
    expect(told[0].data).toEqual({ cause: 'partner-ended' });
    await expect(world.complete(open, 'approve', world.person('reviewer'))).rejects.toThrow();
    const runs = [reviewed, revised, approved].map((id) => world.client.workflow.getHandle(`content/${id}`).result());
    await Promise.all(runs);
  });
});
