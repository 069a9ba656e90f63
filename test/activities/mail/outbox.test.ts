import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createMailRound } from '../../../activities/chores/send-mails.ts';
import { taskQueues } from '../../../activities/deps.ts';
import { createMailSender } from '../../../activities/mail/sender.ts';
import type { MailSender } from '../../../activities/mail/sender.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { queueMail } from '../../../db/queries/mail-outbox.ts';
import { takeSignInLink } from '../../../db/queries/sign-in-link.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { startMailbox } from '../../../runtime/embedded/mailbox.ts';
import { findFreePort } from '../../../runtime/free-port.ts';
import { createLogger } from '../../../runtime/log.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestSmtp } from '../../support/smtp.ts';
import type { SmtpBehaviour, TestSmtp } from '../../support/smtp.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { startTestClient } from '../../support/temporal-client.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import type { TestTemporalClient } from '../../support/temporal-client.ts';

let postgres: TestPostgres;
let temporal: TestTemporalClient;
let pool: Pool;
let behind: pg.Pool;
const senders: MailSender[] = [];
const servers: TestSmtp[] = [];

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestClient()]);
  pool = createPool({ url: postgres.url });
  behind = new pg.Pool({ connectionString: postgres.superuserUrl, max: 1 });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await behind.query(`update mail_outbox set state = 'sent' where state = 'queued'`);
});
afterAll(async () => {
  for (const sender of senders) sender.close();
  await Promise.all([pool.end(), behind.end(), temporal.stop()]);
  await postgres.stop();
});

/** Stops with its test, also when that fails. */
async function aServer(behaviour?: SmtpBehaviour): Promise<TestSmtp> {
  const server = await startTestSmtp(behaviour);
  servers.push(server);
  return server;
}

function roundTo(smtpUrl: string) {
  const sender = createMailSender({ smtpUrl, from: 'programme@acme.example' });
  senders.push(sender);
  return createMailRound({
    pool,
    client: temporal.client,
    log: createLogger('test', { level: 'silent' }),
    publicUrl: 'https://acme.example',
    taskQueues: taskQueues(temporal.prefix),
    sender,
  });
}

/** A mail to a partner of a new program. */
async function aQueuedMail(language = 'en', name = 'Mira', of: Partial<{ programId: string; dueAt: string }> = {}) {
  const programId = of.programId ?? (await aProgram(pool)).programId;
  const { partnerId } = await aPartner(pool, programId);
  const address = `${partnerId}@example.com`;
  const key = newId('event');
  const taskId = newId('task');
  await inTransaction(pool, programId, (tx) =>
    queueMail(tx, {
      key,
      template: 'task-opened',
      language,
      to: { name, address },
      data: { taskId, kind: 'contract.signature', dueAt: of.dueAt ?? '2026-12-03T10:00:00Z', partnerId },
      partnerId,
    }),
  );
  return { programId, partnerId, address, key, taskId };
}

async function rowOf(key: string) {
  const { rows } = await behind.query<{ id: string; state: string; attempts: number; last_error: string | null }>(
    'select id, state, attempts, last_error from mail_outbox where key = $1',
    [key],
  );
  return rows[0]!;
}

describe('the outbox', () => {
  it('sends a letter in the reader’s language to the catcher, with a link that signs the partner in', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tandem-mail-'));
    const mailbox = await startMailbox({ dir });
    const { programId, partnerId, address, key, taskId } = await aQueuedMail('de', 'Mira, <b>Chefin</b>');

    await roundTo(mailbox.smtpUrl)();

    const response = await fetch(`${mailbox.mailUrl}/messages?to=${encodeURIComponent(address)}`);
    const { items } = (await response.json()) as { items: { subject: string; text: string; html: string }[] };
    expect(items).toHaveLength(1);
    expect(items[0]!.subject).toBe('Sie sind dran: Ihren Vertrag lesen und unterschreiben');
    expect(items[0]!.text).toContain('bis 3. Dezember 2026');
    expect(items[0]!.html).toContain('Mira, &lt;b&gt;Chefin&lt;/b&gt;');
    const url = new URL(/https:\S+/.exec(items[0]!.text)![0]);
    expect(url.searchParams.get('to')).toBe(`/v1/tasks/${taskId}`);
    const token = url.searchParams.get('token')!;
    const owner = await inTransaction(pool, programId, (tx) => takeSignInLink(tx, token));
    expect(owner).toEqual({ personId: null, partnerId });
    expect((await rowOf(key)).state).toBe('sent');
    // The catcher waits for connections that are kept open.
    for (const sender of senders.splice(0)) sender.close();
    await mailbox.stop();
    rmSync(dir, { recursive: true });
  });

  it('sends to one address whatever the name says, says that no person wrote it, and sends once per key', async () => {
    const smtp = await aServer();
    const { address, key } = await aQueuedMail('en', 'a@b.example, Evil <evil@x.example>\r\nBcc: evil@y.example');
    const round = roundTo(smtp.url);

    await round();
    await round();

    expect(smtp.received.map(({ to }) => to)).toEqual([[address]]);
    const { raw, messageId } = smtp.received[0]!;
    expect(messageId).toBe(`<${(await rowOf(key)).id}@acme.example>`);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(raw.slice(0, raw.indexOf('\r\n\r\n'))).not.toMatch(/^Bcc:/m);
  });

  it('waits for a mail server that is away and loses nothing', async () => {
    const port = await findFreePort();
    const round = roundTo(`smtp://127.0.0.1:${port}`);
    const { key, address } = await aQueuedMail();

    await expect(round()).rejects.toThrow('away');
    await expect(round()).rejects.toThrow('away');
    const waiting = await rowOf(key);
    const smtp = await aServer({ port });
    await round();

    expect(waiting).toMatchObject({ state: 'queued', attempts: 0 });
    expect(smtp.received.map(({ to }) => to)).toEqual([[address]]);
    expect((await rowOf(key)).state).toBe('sent');
  });

  it('comes again later when the server refuses for now', async () => {
    const smtp = await aServer({ refuse: () => 450 });
    const { key } = await aQueuedMail();
    const round = roundTo(smtp.url);

    await round();

    expect(await rowOf(key)).toMatchObject({
      state: 'queued',
      attempts: 1,
      last_error: expect.stringContaining('450'),
    });
    expect(await round()).toBe(0);
  });

  it('sends the others when one cannot be written', async () => {
    const smtp = await aServer();
    const broken = await aQueuedMail('en', 'Mira', { dueAt: 'never' });
    const sound = await aQueuedMail('en', 'Mira', { programId: broken.programId });

    await roundTo(smtp.url)();

    expect(smtp.received.map(({ to }) => to)).toEqual([[sound.address]]);
    expect(await rowOf(broken.key)).toMatchObject({ state: 'queued', attempts: 1 });
  });

  it('is claimed by one of several workers', async () => {
    const smtp = await aServer();
    await Promise.all(Array.from({ length: 5 }, () => aQueuedMail()));

    await Promise.all(Array.from({ length: 4 }, () => roundTo(smtp.url)()));

    expect(smtp.received).toHaveLength(5);
    expect(new Set(smtp.received.map(({ messageId }) => messageId)).size).toBe(5);
  });
});
