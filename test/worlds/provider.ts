import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProviderApp } from '../../stack/provider/app.ts';
import { Book } from '../../stack/provider/book.ts';
import { FaultBoard } from '../../stack/provider/fault.ts';
import { Provider } from '../../stack/provider/provider.ts';
import { WebhookSender } from '../../stack/provider/webhook.ts';

export interface WorldProvider {
  url: string;
  secret: string;
  faults: FaultBoard;
  stop(): Promise<void>;
}

/** The sandbox payout provider in this process: it settles at once, and what it does wrong is switched on by payment. */
export async function startWorldProvider(): Promise<WorldProvider> {
  const secret = 'worlds';
  const dir = mkdtempSync(join(tmpdir(), 'tandem-worlds-'));
  const book = new Book(dir);
  const faults = new FaultBoard();
  const webhooks = new WebhookSender({ url: null, secret: 'd29ybGRz', onDelivered: (id) => book.markDelivered(id) });
  const provider = new Provider({ book, faults, webhooks, settleMs: 1 });
  const server = createServer(createProviderApp({ provider, book, faults, secret }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secret,
    faults,
    stop: async () => {
      provider.stop();
      webhooks.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      book.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
