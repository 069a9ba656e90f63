import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import type { Mailbox } from '../../runtime/embedded/mailbox.ts';
import { startMailbox } from '../../runtime/embedded/mailbox.ts';
import type { CaughtMail } from '../../runtime/embedded/mail-store.ts';

describe('the mail catcher', () => {
  let dir: string;
  let mailbox: Mailbox;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-mail-'));
    mailbox = await startMailbox({ dir });
  });
  afterEach(async () => {
    await mailbox.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function send(to: string, subject: string, more: { text?: string; html?: string } = { text: 'Hello' }) {
    const transport = createTransport(mailbox.smtpUrl);
    await transport.sendMail({
      from: 'programme@tandem.localhost',
      to: { name: 'A, "b"', address: to },
      subject,
      ...more,
    });
    transport.close();
  }

  async function messages(query = ''): Promise<CaughtMail[]> {
    const response = await fetch(`${mailbox.mailUrl}/messages${query}`);
    return ((await response.json()) as { items: CaughtMail[] }).items;
  }

  it('shows what was sent to one address, newest first', async () => {
    await send('ada@example.org', 'first');
    await send('ben@example.org', 'other');
    await send('ada@example.org', 'Überweisung', { text: 'Grüße', html: '<p>Grüße</p>' });
    const items = await messages('?to=Ada@Example.org');
    expect(items.map((mail) => mail.subject)).toEqual(['Überweisung', 'first']);
    expect(items[0]).toEqual({
      id: expect.any(String),
      from: 'programme@tandem.localhost',
      to: 'ada@example.org',
      subject: 'Überweisung',
      text: 'Grüße',
      html: '<p>Grüße</p>',
      receivedAt: expect.stringMatching(/Z$/),
    });
  });

  it('keeps its mails over a restart, and no more than it was told to', async () => {
    for (const subject of ['1', '2', '3']) await send('ada@example.org', subject);
    await mailbox.stop();
    mailbox = await startMailbox({ dir, keep: 3 });
    await send('ada@example.org', '4');
    expect((await messages()).map((mail) => mail.subject)).toEqual(['4', '3', '2']);
  });

  it('stops at once while a sender keeps its connection open', async () => {
    const transport = createTransport({ url: mailbox.smtpUrl, pool: true });
    await transport.sendMail({ from: 'programme@tandem.localhost', to: 'ada@example.org', subject: 'kept open' });
    const began = performance.now();
    await mailbox.stop();
    expect(performance.now() - began).toBeLessThan(3_000);
    transport.close();
    mailbox = await startMailbox({ dir });
  });

  it('runs nothing that a mail brings along', async () => {
    await send('ada@example.org', '<script>alert(1)</script>', {
      text: 'see http://x.test/?a=1&b="><script>alert(2)</script>',
      html: '<script>alert(3)</script><b>bold</b>',
    });
    const [mail] = await messages();
    const page = await fetch(`${mailbox.mailUrl}/mails/${mail!.id}`);
    const frame = await fetch(`${mailbox.mailUrl}/mails/${mail!.id}/html`);
    const text = (await (await fetch(mailbox.mailUrl)).text()) + (await page.text());
    expect(text).not.toContain('<script>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox(?!.*allow-scripts)/);
  });

  it('makes the links in a text clickable, whole and without what follows', async () => {
    await send('ada@example.org', 'link', { text: 'Open <http://localhost:3000/t/1?a=1&b=2> now' });
    const [mail] = await messages();
    const page = await (await fetch(`${mailbox.mailUrl}/mails/${mail!.id}`)).text();
    expect(page).toContain('<a href="http://localhost:3000/t/1?a=1&#38;b=2" rel="noreferrer">');
  });

  it('does not answer under a foreign name', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${mailbox.mailUrl}/messages`, { headers: { host: 'evil.example' } }, (r) =>
        resolve(r.resume().statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  it('names the port when it is taken', async () => {
    const smtpPort = Number(new URL(mailbox.smtpUrl).port);
    await expect(startMailbox({ dir, smtpPort })).rejects.toThrow(`Port ${smtpPort} for mail (SMTP) is taken`);
  });
});
