import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { newId } from '../../db/ids.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { queueMail } from '../../db/queries/mail-outbox.ts';
import { inTransaction } from '../../db/transaction.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { firstMessage, spawnScript } from '../support/script.ts';
import { startTestSmtp } from '../support/smtp.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { startTestClient } from '../support/temporal-client.ts';
import type { TestPostgres } from '../support/postgres.ts';
import type { TestTemporalClient } from '../support/temporal-client.ts';

let postgres: TestPostgres;
let temporal: TestTemporalClient;
let pool: Pool;
let behind: pg.Pool;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestClient()]);
  pool = createPool({ url: postgres.url });
  behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 1 });
});
afterAll(async () => {
  await Promise.all([pool.end(), behind.end(), temporal.stop()]);
  await postgres.stop();
});

async function aQueuedMail(): Promise<void> {
  const { programId } = await aProgram(pool);
  const { partnerId } = await aPartner(pool, programId);
  await inTransaction(pool, programId, (tx) =>
    queueMail(tx, {
      key: newId('event'),
      template: 'partner-active',
      language: 'en',
      to: { name: 'Mira', address: `${partnerId}@example.com` },
      data: {},
      partnerId,
    }),
  );
}

/** The loop's round in a process of its own. */
function aWorker(smtpUrl: string): ChildProcess {
  return spawnScript('test/worker/mail-process.ts', [], {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TASK_QUEUE_PREFIX: temporal.prefix,
    SMTP_URL: smtpUrl,
  });
}

describe('a worker that is killed while it sends', () => {
  it('leaves a mail that another one sends again under the same Message-ID, after the lease', async () => {
    let victim: ChildProcess | undefined;
    // The mail is on the server, its sender never hears so: the worst moment there is.
    const smtp = await startTestSmtp({ beforeAnswer: () => victim?.kill('SIGKILL') });
    await aQueuedMail();
    victim = aWorker(smtp.url);
    await once(victim, 'exit');
    victim = undefined;

    const early = await firstMessage<{ done: number }>(aWorker(smtp.url));
    const { rows } = await behind.query<{ state: string }>('select state from mail_outbox');
    await behind.query(`update mail_outbox set leased_until = leased_until - interval '2 minutes'`);
    const late = await firstMessage<{ done: number }>(aWorker(smtp.url));
    const after = await firstMessage<{ done: number }>(aWorker(smtp.url));

    expect([early.done, late.done, after.done]).toEqual([0, 1, 0]);
    expect(rows).toEqual([{ state: 'queued' }]);
    expect(smtp.received).toHaveLength(2);
    expect(new Set(smtp.received.map(({ messageId }) => messageId)).size).toBe(1);
    await smtp.stop();
  });
});
