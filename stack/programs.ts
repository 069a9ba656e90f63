import { childEnvironment } from '../runtime/config.ts';
import { answers } from './answers.ts';
import { nodePart } from './node-part.ts';
import type { Tree } from './tree.ts';

/** Where the parts around API and worker are. */
export interface Surroundings {
  databaseUrl: string;
  temporalAddress: string;
  namespace: string;
  smtpUrl: string;
  providerUrl: string;
  /** Of the API, as a browser on this machine writes it. */
  publicUrl: string;
  apiPort: number;
}

/** Starts worker and API as processes of their own and resolves when `/health/ready` says that everything is there. */
export async function startPrograms(tree: Tree, around: Surroundings): Promise<void> {
  const { root, config, stateDir, supervisor, identity } = tree;
  const env = childEnvironment({
    DATABASE_URL: around.databaseUrl,
    TEMPORAL_ADDRESS: around.temporalAddress,
    TEMPORAL_NAMESPACE: around.namespace,
    SMTP_URL: around.smtpUrl,
    PAYOUT_PROVIDER_URL: around.providerUrl,
    PAYOUT_PROVIDER_SECRET: config.PAYOUT_PROVIDER_SECRET ?? identity.providerSecret,
    PAYOUT_WEBHOOK_SECRET: config.PAYOUT_WEBHOOK_SECRET ?? identity.webhookSecret,
    TANDEM_SECRET: config.TANDEM_SECRET ?? identity.tandemSecret,
    PUBLIC_URL: around.publicUrl,
    API_PORT: String(around.apiPort),
    TANDEM_DATA_DIR: stateDir,
  });
  // The one who migrates is somebody else: API and worker must not be able to.
  delete env.MIGRATION_DATABASE_URL;
  await supervisor.add(
    nodePart({ name: 'worker', root, script: 'dist/worker/main.js', env, stateDir, heapMb: 384, youngMb: 16 }),
  );
  await supervisor.add(
    nodePart({
      name: 'api',
      root,
      script: 'dist/api/main.js',
      env,
      stateDir,
      heapMb: 256,
      youngMb: 16,
      isReady: () => answers(`http://127.0.0.1:${around.apiPort}/health/ready`),
    }),
  );
}
