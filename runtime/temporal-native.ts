import { NativeConnection } from '@temporalio/worker';
import type { Config } from './config.ts';
import { temporalOptions } from './temporal.ts';

/**
 * The connection that workers poll with. Apart from `temporal.ts`, because it loads the SDK's native core, which the API
 * must not carry.
 * @throws when the server does not answer
 */
export async function connectNative(config: Config): Promise<{ connection: NativeConnection; namespace: string }> {
  const { connectionOptions, namespace } = temporalOptions(config);
  return { connection: await NativeConnection.connect(connectionOptions), namespace };
}
