import { join } from 'node:path';
import { childEnvironment } from '../runtime/config.ts';
import { answers } from './answers.ts';
import { nodePart } from './node-part.ts';
import type { Tree } from './tree.ts';

/** Where the provider tells the API what became of a payout; the signature is what opens it. */
export const PAYOUT_WEBHOOK_PATH = '/v1/payout-providers/sandbox/webhook';

/** The provider that PAYOUT_PROVIDER_URL names, or the sandbox. Returns its URL. */
export async function startProvider(tree: Tree, publicUrl: string): Promise<string> {
  const { root, config, stateDir, ports, supervisor, identity } = tree;
  if (config.PAYOUT_PROVIDER_URL) return config.PAYOUT_PROVIDER_URL;
  const providerUrl = `http://127.0.0.1:${ports.provider}`;
  await supervisor.add(
    nodePart({
      name: 'provider',
      root,
      script: 'dist/stack/provider/main.js',
      args: [
        ...['--dir', join(stateDir, 'provider'), '--port', String(ports.provider)],
        ...['--webhook-url', `${publicUrl}${PAYOUT_WEBHOOK_PATH}`],
      ],
      env: childEnvironment({
        PAYOUT_PROVIDER_SECRET: config.PAYOUT_PROVIDER_SECRET ?? identity.providerSecret,
        PAYOUT_WEBHOOK_SECRET: config.PAYOUT_WEBHOOK_SECRET ?? identity.webhookSecret,
      }),
      stateDir,
      heapMb: 96,
      isReady: () => answers(`${providerUrl}/health`),
    }),
  );
  return providerUrl;
}
