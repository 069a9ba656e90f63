import type { ActivityDeps } from './deps.ts';
import { withFailures } from './failures.ts';
import { createFeedActivities } from './feed.ts';
import { createMoneyActivities } from './money.ts';
import { createTaskActivities } from './task.ts';
import { createWorkflowRunActivities } from './workflow-run.ts';

/** All activities; every worker hosts all of them, whichever queues it polls. One line per noun. */
export function createActivities(deps: ActivityDeps) {
  return withFailures({
    ...createFeedActivities(deps),
    ...createMoneyActivities(deps),
    ...createTaskActivities(deps),
    ...createWorkflowRunActivities(deps),
  });
}

export type Activities = ReturnType<typeof createActivities>;
