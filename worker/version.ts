import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { Config } from '../runtime/config.ts';

/**
 * The build of this worker as Temporal knows it, or undefined when WORKER_BUILD_ID is not set.
 * Installations that share a namespace differ by their prefix; Temporal forbids `.` and `:` in the name.
 */
export function workerVersion({
  WORKER_BUILD_ID: buildId,
  TASK_QUEUE_PREFIX: prefix,
}: Pick<Config, 'WORKER_BUILD_ID' | 'TASK_QUEUE_PREFIX'>): WorkerDeploymentVersion | undefined {
  return buildId === undefined ? undefined : { deploymentName: `${prefix.replaceAll(/[.:]/g, '-')}tandem`, buildId };
}
