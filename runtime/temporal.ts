import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from './config.ts';
import { readTemporalEnvironment, requireSetting } from './config.ts';

type ConnectConfig = ReturnType<typeof loadClientConnectConfig>;

/**
 * Address, namespace, TLS and API key as Temporal's own environment configuration names them (`TEMPORAL_ADDRESS`,
 * `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_*`, or a profile in a file by `TEMPORAL_PROFILE`,
 * `TEMPORAL_CONFIG_FILE`). A file is read only when one of the last two is set: a stray file never decides.
 * @throws Error when neither an address nor a profile is set
 */
export function temporalOptions(
  config: Config,
  environment = readTemporalEnvironment(),
): ConnectConfig & { namespace: string } {
  const isFromFile = Boolean(environment.TEMPORAL_PROFILE || environment.TEMPORAL_CONFIG_FILE);
  if (!isFromFile) environment = { ...environment, TEMPORAL_ADDRESS: requireSetting(config, 'TEMPORAL_ADDRESS') };
  const loaded = loadClientConnectConfig({ overrideEnvVars: environment, disableFile: !isFromFile });
  return { ...loaded, namespace: loaded.namespace ?? config.TEMPORAL_NAMESPACE };
}

/**
 * A client that connects when it is first used, so that a process starts while the server is away and `/health/ready`
 * says so. Close it with `client.connection.close()`.
 */
export function createTemporalClient(config: Config): Client {
  const { connectionOptions, namespace } = temporalOptions(config);
  return new Client({ connection: Connection.lazy(connectionOptions), namespace });
}
