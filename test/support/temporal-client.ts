import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { readServersFile } from './servers-file.ts';

export interface TestTemporalClient {
  /** As TEMPORAL_ADDRESS. */
  address: string;
  namespace: string;
  /** Unique to this call: use it as TASK_QUEUE_PREFIX and as a part of workflow ids. */
  prefix: string;
  client: Client;
  /** Closes the connection; the server belongs to the jest run. */
  stop(): Promise<void>;
}

/**
 * A client of the dev server of this jest run, which does not skip time: see `startTimeSkipping`.
 * Apart from `stack.ts`, because loading the worker's half costs each test file a fifth of a second.
 */
export async function startTestClient(): Promise<TestTemporalClient> {
  const { temporalAddress: address, namespace } = readServersFile();
  const connection = await Connection.connect({ address });
  return {
    address,
    namespace,
    prefix: `t${randomBytes(5).toString('hex')}-`,
    client: new Client({ connection, namespace }),
    stop: () => connection.close(),
  };
}
