import { Connection } from '@temporalio/client';
import type { Config } from '../../runtime/config.ts';
import { temporalOptions } from '../../runtime/temporal.ts';
import type { Finding } from './finding.ts';
import { fault, ok } from './finding.ts';

const ABOUT = 'Temporal';

/** Whether the server answers, has the namespace, and is one that production may rest on. */
export async function examineTemporal(config: Config): Promise<Finding[]> {
  const isProduction = config.TANDEM_ENV === 'production';
  if (!config.TEMPORAL_ADDRESS) {
    return isProduction ? [] : [ok(ABOUT, 'TEMPORAL_ADDRESS is not set: `npm start` embeds the dev server.')];
  }
  try {
    const { connectionOptions, namespace } = temporalOptions(config);
    const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '3s' });
    try {
      const cluster = await connection.workflowService.getClusterInfo({});
      await connection.workflowService.describeNamespace({ namespace });
      // The dev server keeps everything in SQLite, in one process, without access control.
      const isDevServer = /sqlite/i.test(`${cluster.persistenceStore} ${cluster.visibilityStore}`);
      const place = `server ${cluster.serverVersion}, namespace ${namespace}, store ${cluster.persistenceStore}`;
      return isProduction && isDevServer
        ? [fault(ABOUT, `${place}: this is the dev server. Production needs a cluster on a database of its own.`)]
        : [ok(ABOUT, place)];
    } finally {
      await connection.close();
    }
  } catch (error) {
    return [fault(ABOUT, `${config.TEMPORAL_ADDRESS}: ${(error as Error).message}`)];
  }
}
