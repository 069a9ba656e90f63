import { parseArgs } from 'node:util';
import { readConfig } from '../../runtime/config.ts';
import { startMailbox } from '../../runtime/embedded/mailbox.ts';
import { createLogger } from '../../runtime/log.ts';
import { handleShutdown } from '../../runtime/shutdown.ts';

const HELP = `Catches mail by SMTP and shows it in a web inbox.

  node dist/stack/mailbox/main.js --dir FOLDER [--smtp-port N] [--http-port N]
`;

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    'smtp-port': { type: 'string', default: '0' },
    'http-port': { type: 'string', default: '0' },
    help: { type: 'boolean' },
  },
});

if (values.help || !values.dir) {
  process.stderr.write(HELP);
  process.exit(values.help ? 0 : 2);
}

const log = createLogger('mailbox', { level: readConfig().LOG_LEVEL });
const shutdown = handleShutdown({ log, withinMs: 5_000 });
const mailbox = await startMailbox({
  dir: values.dir,
  smtpPort: Number(values['smtp-port']),
  httpPort: Number(values['http-port']),
});
shutdown.add('mailbox', () => mailbox.stop());
log.info({ smtpUrl: mailbox.smtpUrl, mailUrl: mailbox.mailUrl }, 'catching mail');
