import { beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../support/bundle.ts';
import { HISTORIES } from './record.ts';
import { workflowNames } from './workflow-names.ts';

let bundle: { codePath: string };
beforeAll(async () => {
  bundle = await workflowBundle();
});

const recorded = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

function readHistory(name: string): unknown {
  return JSON.parse(readFileSync(`${HISTORIES}/${name}`, 'utf8'));
}

describe('a recorded history', () => {
  it('stands for each workflow type', () => {
    expect(recorded.map((name) => name.replace('.json', '')).sort()).toEqual(workflowNames().toSorted());
  });

  it.each(recorded)('%s replays with the workflows of today', async (name) => {
    await Worker.runReplayHistory({ workflowBundle: bundle }, historyFromJSON(readHistory(name)));
    expect(name).toContain('.json');
  });

  it('that does not fit the workflows is refused', async () => {
    const history = readHistory('partnerLifecycle.json') as {
      events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
    };
    const scheduled = history.events.filter((event) => event.activityTaskScheduledEventAttributes)[2]!;
    scheduled.activityTaskScheduledEventAttributes!.activityType.name = 'anotherActivity';
    const replaying = Worker.runReplayHistory({ workflowBundle: bundle }, historyFromJSON(history));
    await expect(replaying).rejects.toThrow();
  });
});
