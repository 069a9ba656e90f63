import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Activities } from '../../../activities/index.ts';
import { firstMessage, killHard, spawnScript } from '../../support/script.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;
let real: Activities;
/** After how many reviews that were told the first attempt of the next end is killed. */
let killedAfter: number | undefined;
let attempts = 0;

/** An attempt of `endReviews` that its process does not live to answer: for the workflow, as if it had failed. */
async function killed(about: { programId: string; partnerId: string }, after: number): Promise<never> {
  const main = 'test/workflows/journey/ended-reviews-process.ts';
  const worker = spawnScript(main, [about.programId, about.partnerId, String(after)], {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TASK_QUEUE_PREFIX: temporal.prefix,
  });
  await firstMessage(worker);
  await killHard(worker);
  throw new Error('The worker was killed.');
}

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = new World(temporal, postgres);
  world.between = (activities) => {
    real = activities;
    return {
      ...activities,
      endReviews: async (about) => {
        attempts += 1;
        const after = killedAfter;
        killedAfter = undefined;
        return after === undefined ? activities.endReviews(about) : killed(about, after);
      },
    };
  };
  await world.start(['journeys']);
}, 120_000);
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

it.each([
  ['between the end of the partner and its reviews', 0],
  ['when one of two reviews was told', 1],
  ['when all were told, before it could say so', 2],
])(
  'a worker that is killed %s leaves what the next attempt ends, each review once',
  async (_, after) => {
    const partnerId = await world.activate();
    const contents = [await world.submit(partnerId, { text: 'One' }), await world.submit(partnerId, { text: 'Two' })];
    for (const id of contents) await world.openTask('content.review', partnerId, ({ data }) => data.contentId === id);
    [killedAfter, attempts] = [after, 0];

    expect(await world.change(partnerId, 'end')).toEqual({ status: 'ended' });

    expect(attempts).toBe(2);
    const said = () =>
      world.rows(
        `select kind, subject_id as id from event where partner_id = $1 and kind in ('partner.ended', 'content.withdrawn') order by kind desc, id`,
        [partnerId],
      );
    const ended = await said();
    expect(ended.map(({ kind }) => kind)).toEqual(['partner.ended', 'content.withdrawn', 'content.withdrawn']);
    const withdrawn = ended.slice(1).map(({ id }) => id);
    expect(withdrawn.sort()).toEqual(contents.toSorted());
    const left = () => world.rows(`select 1 from task where partner_id = $1 and state = 'open'`, [partnerId]);
    expect(await left()).toEqual([]);
    await Promise.all(contents.map((id) => world.client.workflow.getHandle(`content/${id}`).result()));
    await real.endReviews({ programId: world.programId, partnerId });
    expect([await said(), await left()]).toEqual([ended, []]);
  },
  60_000,
);
