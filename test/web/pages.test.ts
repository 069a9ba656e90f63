import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTransport } from 'nodemailer';
import type { Browser, Page } from 'playwright-core';
import { mintSignInLink } from '../../db/queries/sign-in-link.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Mailbox } from '../../runtime/embedded/mailbox.ts';
import { startMailbox } from '../../runtime/embedded/mailbox.ts';
import { startApi } from '../api/api-stack.ts';
import type { ApiStack } from '../api/api-stack.ts';
import { axeFaults } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';

let api: ApiStack;
let mailbox: Mailbox;
let mailDir: string;
let browser: Browser;
let page: Page;
/** What the browser complained about: a script or style that the page's own policy blocks, a request that failed. */
let complaints: string[];

beforeAll(async () => {
  api = await startApi();
  mailDir = mkdtempSync(join(tmpdir(), 'tandem-mail-'));
  mailbox = await startMailbox({ dir: mailDir });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await mailbox?.stop();
  rmSync(mailDir, { recursive: true, force: true });
  await api?.stop();
});

beforeEach(async () => {
  await page?.context().close();
  page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
  complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});

async function openSurvey(): Promise<string> {
  const option = (id: string) => ({ id, text: `Answer <${id}>`, speaksFor: { dimension: 'channel', value: id } });
  const reply = await api.send('POST', '/v1/audience-surveys', {
    key: api.keys.partner_manager,
    body: {
      title: 'How did you hear of us?',
      questions: [
        {
          id: 'where',
          text: 'Where did you learn about us?',
          kind: 'multiple',
          options: ['video', 'news'].map(option),
        },
        { id: 'who', text: 'Whom did you trust?', kind: 'single', options: ['creator', 'agency'].map(option) },
      ],
    },
  });
  return `${api.baseUrl}${new URL(reply.body.link).pathname}`;
}

describe('the survey form', () => {
  it('has no fault and can be answered with the keyboard alone', async () => {
    await page.goto(await openSurvey());
    expect(await axeFaults(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await page.getByRole('radio', { name: 'Answer <creator>' }).isChecked()).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('status').waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('has no fault in the dark either', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(await openSurvey());
    expect(await axeFaults(page)).toEqual([]);
  });
});

describe('a page that says why not', () => {
  it.each([
    ['a tracking link that nobody made', '/r/nobody-made-this', 404],
    ['a survey that does not exist', '/surveys/tv_nothing', 404],
    ['an address that does not exist', '/nothing/here', 404],
    ['a sign-in link that was used', '/sign-in?token=tl_used', 401],
    ['a sign-in without a token', '/sign-in', 422],
  ])('has no fault for %s', async (_, path, status) => {
    const response = await page.goto(`${api.baseUrl}${path}`);
    expect(response!.status()).toBe(status);
    expect(response!.headers()['content-type']).toContain('text/html');
    expect(response!.headers()['content-security-policy']).toContain("default-src 'none'");
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints.filter((text) => !text.includes(`status of ${status}`))).toEqual([]);
  });

  it('stays JSON for programs', async () => {
    expect((await api.send('GET', '/nothing/here')).body).toMatchObject({ status: 404, code: 'not-found' });
    await page.goto(`${api.baseUrl}/v1/nothing`);
    expect(await page.evaluate('document.contentType')).toBe('application/problem+json');
  });
});

describe('signing in', () => {
  it('leads from the link to the docs, once', async () => {
    const token = await inTransaction(api.pool, api.programId, (tx) =>
      mintSignInLink(tx, { personId: api.people.owner!, expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    );
    await page.goto(`${api.baseUrl}/sign-in?token=${token}`);
    expect(new URL(page.url()).pathname).toBe('/docs');
    expect(await page.evaluate(`fetch('/v1/me').then((response) => response.status)`)).toBe(200);
    const again = await page.goto(`${api.baseUrl}/sign-in?token=${token}`);
    expect(again!.status()).toBe(401);
    expect(await page.getByRole('heading').textContent()).toBe('Nobody is signed in');
  });
});

describe('the docs', () => {
  it('load from our own files alone, and our part has no fault', async () => {
    const foreign: string[] = [];
    page.on('request', (request) => !request.url().startsWith(api.baseUrl) && foreign.push(request.url()));
    await page.goto(`${api.baseUrl}/docs`);
    await page.getByRole('heading', { name: 'Tandem' }).first().waitFor();
    // The viewer's own: third-level headings under its first-level one, and its title and sign-in outside its main part.
    expect(await axeFaults(page, { without: ['heading-order', 'region'] })).toEqual([]);
    expect(foreign.filter((url) => !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

describe('the inbox', () => {
  it('has no fault, empty, with mails, and with one mail open', async () => {
    await page.goto(mailbox.mailUrl);
    expect(await axeFaults(page)).toEqual([]);
    await createTransport(mailbox.smtpUrl).sendMail({
      from: 'programme@tandem.localhost',
      to: 'mira@example.com',
      subject: 'Your statement',
      text: 'See https://tandem.localhost/statements/1',
      html: '<html lang="en"><title>Your statement</title><main><h1>Your statement</h1><p>See <a href="https://tandem.localhost/">it</a></p></main></html>',
    });
    await page.reload();
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Your statement' }).click();
    await page.getByRole('heading', { name: 'As HTML' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
