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

  it('is not taken from a partner that is paused', async () => {
    await world.change(partnerId, 'pause');
    await expect(world.submit(partnerId, { text: 'a' })).rejects.toMatchObject({
      cause: { type: 'illegal-transition' },
    });
    await world.change(partnerId, 'resume');
  });
});
