import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { readConfig, requireSetting } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/log.ts';
import { handleShutdown } from '../../runtime/shutdown.ts';
import { createProviderApp } from './app.ts';
import { Book } from './book.ts';
import { FaultBoard } from './fault.ts';
import { Provider } from './provider.ts';
import { WebhookSender } from './webhook.ts';

const HELP = `The sandbox payout provider: a process of its own with its own book. No money moves.

  node dist/stack/provider/main.js --dir FOLDER [--port N] [--webhook-url URL] [--settle-ms N]

PAYOUT_PROVIDER_SECRET is the bearer token, PAYOUT_WEBHOOK_SECRET signs the webhooks.
`;

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string', default: '0' },
    'webhook-url': { type: 'string' },
    'settle-ms': { type: 'string', default: '500' },
    help: { type: 'boolean' },
  },
});
if (values.help || !values.dir) {
  process.stderr.write(HELP);
  process.exit(values.help ? 0 : 2);
}

const config = readConfig();
const log = createLogger('provider', { level: config.LOG_LEVEL });
const shutdown = handleShutdown({ log, withinMs: 5_000 });
const book = new Book(values.dir);
const faults = new FaultBoard();
const webhooks = new WebhookSender({
  url: values['webhook-url'] ?? null,
  secret: requireSetting(config, 'PAYOUT_WEBHOOK_SECRET'),
  onDelivered: (id) => book.markDelivered(id),
});
const provider = new Provider({ book, faults, webhooks, settleMs: Number(values['settle-ms']) });
const secret = requireSetting(config, 'PAYOUT_PROVIDER_SECRET');
const server = createServer(createProviderApp({ provider, book, faults, secret }));
server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
shutdown.add('provider', async () => {
  provider.stop();
  webhooks.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  book.close();
});
provider.resume();
const { port } = server.address() as AddressInfo;
log.info({ providerUrl: `http://127.0.0.1:${port}` }, 'taking payments');
process.send?.({ port });
