import type { ApiDeps } from './deps.ts';

const TIMEOUT_MS = 2_000;
/** A poller that has not asked for this long is gone. */
const POLLER_FRESH_MS = 90_000;

/** What each part says of itself: `ok`, or what is missing. */
export interface Readiness {
  isReady: boolean;
  parts: Record<'database' | 'temporal' | 'worker' | 'clicks', string>;
}

/** Asks the database, Temporal and the worker's pollers, at once; never throws, and answers within seconds whatever hangs. */
export async function readiness(deps: ApiDeps): Promise<Readiness> {
  const { client } = deps;
  const [database, temporal, polled] = await Promise.all([
    check('The database does not answer.', () => deps.pool.query('select 1')),
    // A call each time: what the connection knows of itself is what it learnt when it was first used.
    check('Temporal does not answer.', () => byDeadline(client, () => client.workflowService.getSystemInfo({}))),
    check('No worker polls the task queue of journeys.', () => byDeadline(client, () => assertPolled(deps))),
  ]);
  const worker = temporal === 'ok' ? polled : 'Not known while Temporal does not answer.';
  // Clicks that wait are safe in the journal: they are told, and keep nobody away.
  const isReady = [database, temporal, worker].every((part) => part === 'ok');
  return { isReady, parts: { database, temporal, worker, clicks: deps.clicks.state } };
}

async function check(missing: string, ask: () => Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(missing)), TIMEOUT_MS);
  });
  try {
    await Promise.race([ask(), late]);
    return 'ok';
  } catch {
    return missing;
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the calls themselves too, so that those of many looks at a server that hangs do not pile up. */
function byDeadline<Answer>(client: ApiDeps['client'], ask: () => Promise<Answer>): Promise<Answer> {
  return client.withDeadline(Date.now() + TIMEOUT_MS, ask);
}

async function assertPolled({ client, taskQueues }: ApiDeps): Promise<void> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueues.journeys },
    taskQueueType: 1,
  });
  const isFresh = (pollers ?? []).some(
    ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLLER_FRESH_MS,
  );
  if (!isFresh) throw new Error('nobody polls');
}
