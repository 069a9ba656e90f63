import { randomUUID } from 'node:crypto';
import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { partnerClient } from '../demo/steps/partner.ts';
import type { Partner } from '../demo/steps/partner.ts';
import { openTask } from '../demo/steps/task.ts';
import type { Team } from '../demo/steps/team.ts';
import { bareJourney, completeBare, createBare } from './bare/workflow.ts';
import { measure, median } from './measure.ts';
import type { Result } from './report.ts';

export interface JourneyBench {
  team: Team;
  temporalAddress: string;
  bareQueue: string;
  rounds: number;
  count: number;
  parallel: number;
}

/** Journey starts and task completions through the API, against the bare workflow of the same shape on the same server, in turns. */
export async function benchJourney(options: JourneyBench): Promise<Result[]> {
  const { rounds, count, parallel } = options;
  const connection = await Connection.connect({ address: options.temporalAddress });
  const client = new Client({ connection });
  const starts: { tandem: number; bare: number }[] = [];
  const completions: { tandem: number; bare: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const partners: Partner[] = [];
    const tandemStart = await measure(count, parallel, async () => void partners.push(await invite(options.team)));
    const bareIds: string[] = [];
    const bareStart = await measure(
      count,
      parallel,
      async () => void bareIds.push(await startBare(client, options.bareQueue)),
    );
    starts.push({ tandem: tandemStart.perSecond, bare: bareStart.perSecond });

    for (const partner of partners) partner.api = await partnerClient(options.team, partner.id);
    const tasks = await Promise.all(
      partners.map((partner) => openTask(options.team.manager, 'partner.survey', { partnerId: partner.id })),
    );
    const answers = { audienceSize: 10_000, channels: ['video'], verticals: ['marketing'], regions: ['DE'] };
    const tandemDone = await measure(tasks.length, 1, (index) =>
      partners[index]!.api.post(`/v1/tasks/${tasks[index]!.id}/complete`, { outcome: 'answered', data: { answers } }),
    );
    const bareDone = await measure(bareIds.length, 1, (index) =>
      client.workflow.getHandle(bareIds[index]!).executeUpdate(completeBare, { args: ['answered'] }),
    );
    completions.push({ tandem: tandemDone.medianMs, bare: bareDone.medianMs });
  }
  await connection.close();
  return [
    ratioOf('journey starts per second', starts, 0.5, 'at least'),
    ratioOf('task completion, median ms', completions, 2.5, 'at most'),
  ];
}

function ratioOf(
  work: string,
  pairs: { tandem: number; bare: number }[],
  goal: number,
  way: 'at least' | 'at most',
): Result {
  const ratio = median(pairs.map(({ tandem, bare }) => tandem / bare));
  return {
    work,
    tandem: median(pairs.map(({ tandem }) => tandem)).toFixed(1),
    rival: median(pairs.map(({ bare }) => bare)).toFixed(1),
    ratio,
    goal: `${way} ${goal} ×`,
    isReached: way === 'at least' ? ratio >= goal : ratio <= goal,
  };
}

/** Only the start is measured here; the partner's key is made by `benchJourney` before completions are. */
async function invite(team: Team): Promise<Partner> {
  const name = `Bench ${randomUUID()}`;
  const email = `${randomUUID()}@partners.example`;
  const { id } = await team.manager.post('/v1/partners', { name, email, type: 'creator', country: 'DE' });
  return { id, name, email, api: team.manager };
}

async function startBare(client: Client, taskQueue: string): Promise<string> {
  const workflowId = `bare/${randomUUID()}`;
  const startWorkflowOperation = new WithStartWorkflowOperation(bareJourney, {
    workflowId,
    taskQueue,
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
  await client.workflow.executeUpdateWithStart(createBare, { startWorkflowOperation });
  return workflowId;
}
