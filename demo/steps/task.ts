import type { ApiClient } from './client.ts';
import { waitFor } from './wait.ts';

export interface TaskView {
  id: string;
  kind: string;
  partnerId?: string;
  subject: { type: string; id: string };
  dueAt?: string;
  state: string;
  data: any;
}

export interface TaskFilter {
  partnerId?: string;
  subjectId?: string;
  /** Picks one of several by what it shows. */
  where?: (task: TaskView) => boolean;
}

/** Waits until the flow asks for this decision. */
export function openTask(api: ApiClient, kind: string, filter: TaskFilter = {}): Promise<TaskView> {
  const query = new URLSearchParams({
    state: 'open',
    kind,
    ...(filter.partnerId ? { partnerId: filter.partnerId } : {}),
  });
  return waitFor(
    `the open task ${kind} ${JSON.stringify(filter)}`,
    async () => {
      const { items } = await api.get<{ items: TaskView[] }>(`/v1/tasks?${query}`);
      return items.find(
        (task) => (!filter.subjectId || task.subject.id === filter.subjectId) && (filter.where?.(task) ?? true),
      );
    },
    { timeoutMs: 240_000 },
  );
}

export interface Decision {
  reason?: string;
  data?: unknown;
}

/** Waits for the task and completes it. `body` may be made from what the task shows. */
export async function decide(
  api: ApiClient,
  kind: string,
  filter: TaskFilter,
  outcome: string,
  body: Decision | ((task: TaskView) => Decision) = {},
): Promise<TaskView> {
  const task = await openTask(api, kind, filter);
  await api.post(`/v1/tasks/${task.id}/complete`, { outcome, ...(typeof body === 'function' ? body(task) : body) });
  return task;
}
