import { NativeConnection } from '@temporalio/worker';
import { startTestClient } from './temporal-client.ts';
import type { TestTemporalClient } from './temporal-client.ts';

export { startTestPostgres } from './postgres.ts';
export type { TestPostgres } from './postgres.ts';

export interface TestTemporal extends TestTemporalClient {
  /** For `Worker.create`. */
  nativeConnection: NativeConnection;
  /** Closes both connections; the server belongs to the jest run. Stop workers first. */
  stop(): Promise<void>;
}

/** What a test that runs workers needs: connections to the dev server of this jest run. It does not skip time: see `startTimeSkipping`. */
export async function startTestTemporal(): Promise<TestTemporal> {
  const connected = await startTestClient();
  const nativeConnection = await NativeConnection.connect({ address: connected.address });
  return {
    ...connected,
    nativeConnection,
    stop: async () => {
      await connected.stop();
      await nativeConnection.close();
    },
  };
}
