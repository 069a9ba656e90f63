import { createMailRound } from '../../activities/chores/send-mails.ts';
import { taskQueues } from '../../activities/deps.ts';
import { createMailSender } from '../../activities/mail/sender.ts';
import { createPool } from '../../db/pool.ts';
import { createLogger } from '../../runtime/log.ts';
import { readConfig, requireSetting } from '../../runtime/config.ts';
import { createTemporalClient } from '../../runtime/temporal.ts';

// One round of the mail loop in a process of its own, which a test may kill.
const config = readConfig();
const pool = createPool({ url: requireSetting(config, 'DATABASE_URL') });
const client = createTemporalClient(config);
const sender = createMailSender({ smtpUrl: requireSetting(config, 'SMTP_URL'), from: config.MAIL_FROM });
const round = createMailRound({
  pool,
  client,
  log: createLogger('mail'),
  publicUrl: 'https://acme.example',
  taskQueues: taskQueues(config.TASK_QUEUE_PREFIX),
  sender,
});
process.send?.({ done: await round() });
sender.close();
await client.connection.close();
await pool.end();
process.disconnect?.();
