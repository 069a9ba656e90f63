import { condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type { BareActivities } from './activities.ts';

export const createBare = defineUpdate<string, []>('createBare');
export const completeBare = defineUpdate<string, [string]>('completeBare');

const { touch } = proxyActivities<BareActivities>({ startToCloseTimeout: '10 seconds' });

/** What a partner's first steps cost with nothing in them: the same updates, activities and waiting as surveying, each activity empty. */
export async function bareJourney(): Promise<void> {
  let isCreated = false;
  let outcome: string | undefined;
  setHandler(createBare, async () => {
    await touch('create');
    isCreated = true;
    return 'created';
  });
  setHandler(completeBare, async (given) => {
    await touch('decide');
    outcome = given;
    return given;
  });
  await touch('note run');
  await condition(() => isCreated);
  await touch('open task');
  await condition(() => outcome !== undefined, '14 days');
  await touch('apply');
  await touch('open next task');
  await condition(() => false, '14 days');
}
