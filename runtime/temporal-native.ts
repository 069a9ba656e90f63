import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import type { Config } from './config.ts';
import type { Logger } from './log.ts';
import { temporalOptions } from './temporal.ts';

/**
 * The connection that workers poll with. Apart from `temporal.ts`, because it loads the SDK's native core, which the API
 * must not carry.
 * @param log takes the SDK's own lines as well (one format, nothing secret); only the first call of a process can set it
 * @throws when the server does not answer
 */
export async function connectNative(
  config: Config,
  log?: Logger,
): Promise<{ connection: NativeConnection; namespace: string }> {
  if (log) forwardSdkLog(log);
  const { connectionOptions, namespace } = temporalOptions(config);
  return { connection: await NativeConnection.connect(connectionOptions), namespace };
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;

/** What the SDK calls information (each worker's change of state) is detail to us. */
function forwardSdkLog(log: Logger): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta }) => {
    const { error, ...rest } = (meta ?? {}) as { error?: unknown };
    log[LEVELS[level]](error === undefined ? rest : { ...rest, err: error }, message);
  });
  Runtime.install({
    logger,
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} } },
    // Ours decide when a worker stops (shutdown.ts); the SDK's own handlers would stop it at once.
    shutdownSignals: [],
  });
}
