import type { WorkerDeploymentVersion } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../activities/index.ts';
import type { TaskQueues } from '../activities/deps.ts';

export type QueueName = keyof TaskQueues;

export interface WorkerDeps {
  connection: NativeConnection;
  namespace: string;
  /** Names of all queues, and which of them this process serves. */
  taskQueues: TaskQueues;
  queues: QueueName[];
  activities: Activities;
  workflowBundle: WorkflowBundleOption;
  /** Absent: the worker is not versioned. */
  version?: WorkerDeploymentVersion;
}

/** Runs of workflows kept in memory per queue; others are replayed from their history when they wake. */
const MAX_CACHED_WORKFLOWS: Record<QueueName, number> = { journeys: 400, attribution: 50, money: 200, mail: 10 };
const MAX_ACTIVITIES: Record<QueueName, number> = { journeys: 40, attribution: 8, money: 20, mail: 10 };
const SHUTDOWN_GRACE = '10 seconds';

export interface RunningWorkers {
  /** Resolves when all have ended; rejects when one fails. */
  ended: Promise<void>;
  /** Lets work in progress finish, then ends. */
  stop(): Promise<void>;
}

/** Starts one Temporal worker per queue in this process; each hosts all workflows and activities. */
export async function createWorker(deps: WorkerDeps): Promise<RunningWorkers> {
  const workers = await Promise.all(deps.queues.map((queue) => createQueueWorker(deps, queue)));
  const ended = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  // Whoever awaits `ended` hears of it; until then it must not count as unhandled.
  ended.catch(() => undefined);
  return {
    ended,
    stop: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

function createQueueWorker(deps: WorkerDeps, queue: QueueName): Promise<Worker> {
  return Worker.create({
    connection: deps.connection,
    namespace: deps.namespace,
    taskQueue: deps.taskQueues[queue],
    activities: deps.activities,
    workflowBundle: deps.workflowBundle,
    maxCachedWorkflows: MAX_CACHED_WORKFLOWS[queue],
    maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES[queue],
    workflowTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
    activityTaskPollerBehavior: { type: 'autoscaling', initial: 2, minimum: 1, maximum: 20 },
    shutdownGraceTime: SHUTDOWN_GRACE,
    ...(deps.version === undefined ? {} : { workerDeploymentOptions: deployment(deps.version) }),
  });
}

/**
 * Runs move to the build that is current: a journey lives for years, and no old build can be kept running for it. Our workflow code replays the
 * histories of earlier builds (`patched`), with or without versions.
 */
function deployment(version: WorkerDeploymentVersion): WorkerOptions['workerDeploymentOptions'] {
  return { useWorkerVersioning: true, version, defaultVersioningBehavior: 'AUTO_UPGRADE' };
}
