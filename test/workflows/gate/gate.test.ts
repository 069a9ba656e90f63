import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../../activities/index.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { createLogger } from '../../../runtime/log.ts';
import { makeProgram } from '../../../stack/seed/program.ts';
import { TASK_KIND_NAMES, taskKind } from '../../../domain/task/kinds.ts';
import type { TaskKind } from '../../../domain/task/kinds.ts';
import { taskTimings } from '../../../domain/program/timings.ts';
import { DAY_MS, durationMs } from '../../../domain/time/duration.ts';
import type { TaskAnswer } from '../../../workflows/human-task.ts';
import { bundleWorkflows } from '../../../worker/bundle.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { startTimeSkipping } from '../../support/time-skipping.ts';

const programId = newId('program');
let postgres: TestPostgres;
let environment: TestWorkflowEnvironment;
let pool: Pool;
let worker: Worker;
let running: Promise<void>;
let behind: pg.Pool;

beforeAll(async () => {
  [postgres, environment] = await Promise.all([startTestPostgres(), startTimeSkipping()]);
  pool = createPool({ url: postgres.url });
  behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 1 });
  await makeProgram(pool, { programId, name: 'Gates', fast: false, mailDomain: 'gates.example' });
  worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: 'gates',
    workflowBundle: await bundleWorkflows(fileURLToPath(new URL('./gate-workflows.ts', import.meta.url))),
    activities: createActivities({
      pool,
      client: environment.client,
      log: createLogger('test', { level: 'silent' }),
      publicUrl: 'http://localhost',
      taskQueues: taskQueues(''),
      providers: {},
    }),
  });
  running = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await running;
  await Promise.all([pool.end(), behind.end()]);
  await environment.teardown();
  await postgres.stop();
});

/** Asks the question and lets time run until it is answered, at most for `withinMs`. */
function answerOf(kind: TaskKind, withinMs: number): Promise<TaskAnswer | null> {
  const question = { key: 'gate/1', kind, subject: { type: 'test', id: kind } };
  return environment.client.workflow.execute('oneGate', {
    taskQueue: 'gates',
    workflowId: `gate/${kind}`,
    args: [{ programId, question, withinMs }],
  });
}

/** How often each kind of event happened to the task of that kind. */
async function happened(kind: TaskKind): Promise<Record<string, number>> {
  const { rows } = await behind.query<{ kind: string; count: number }>(
    `select kind, count(*)::int as count from event where data ->> 'kind' = $1 group by kind`,
    [kind],
  );
  return Object.fromEntries(rows.map((row) => [row.kind, row.count]));
}

describe('a gate that nobody answers', () => {
  it.each(TASK_KIND_NAMES)('%s reminds, escalates and does at its deadline what the table says', async (kind) => {
    const timing = taskTimings('real')[kind];
    const rule = taskKind(kind).atDeadline;

    const answer = await answerOf(kind, durationMs(timing.due!) + DAY_MS);
    const events = await happened(kind);

    if (rule.kind === 'expire') expect(answer?.outcome).toBe('expired');
    else if (rule.kind === 'escalate' || rule.kind === 'remind') expect(answer).toBeNull();
    else expect(answer).toMatchObject({ outcome: rule.outcome, by: { kind: 'rule', id: 'deadline' } });
    expect(events['task.reminded']).toBe(timing.remind.length + (rule.kind === 'remind' ? 1 : 0));
    expect(events['task.escalated'] ?? 0).toBe(rule.kind.startsWith('escalate') ? 1 : 0);
  });
});
