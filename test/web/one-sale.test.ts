import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { mintApiKey } from '../../db/queries/api-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from '../api/api-stack.ts';
import type { ApiStack } from '../api/api-stack.ts';
import { startApiWorker } from '../api/api-worker.ts';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { startShop } from '../support/shop.ts';
import type { Shop } from '../support/shop.ts';

let api: ApiStack;
let stopWorker: () => Promise<void>;
let shop: Shop;
let phone: Browser;
let laptop: Browser;
let programId: string;
let developer: string;
let reader: string;
let mira: string;
let jonas: string;

beforeAll(async () => {
  api = await startApi();
  stopWorker = await startApiWorker(api);
  ({ programId } = await aProgram(api.pool));
  mira = (await aPartner(api.pool, programId)).partnerId;
  jonas = (await aPartner(api.pool, programId)).partnerId;
  const mint = (role: 'developer' | 'auditor') =>
    inTransaction(api.pool, programId, async (tx) => (await mintApiKey(tx, { name: role, role })).apiKey);
  developer = await mint('developer');
  reader = await mint('auditor');
  shop = await startShop(api.baseUrl, () => `data-key="${siteKey}"`);
  const { key: siteKey } = await post('/v1/sites', {
    name: 'Shops',
    origins: ['shop-a', 'shop-b'].map((name) => shop.origin(name)),
    conversions: 'hold',
    identities: 'accept',
  });
  phone = await startBrowser();
  laptop = await startBrowser();
});
afterAll(async () => {
  await phone?.close();
  await laptop?.close();
  await shop?.stop();
  await stopWorker?.();
  await api?.stop();
});

async function post(path: string, body: object): Promise<any> {
  const reply = await api.send('POST', path, { key: developer, body });
  expect(reply.status).toBeLessThan(300);
  return reply.body;
}

/** The partner's link, on a domain of the partner's own that leads to us. */
async function linkOf(partnerId: string, domain: string, destination: string): Promise<string> {
  const { url } = await post('/v1/links', { partnerId, destination });
  const { port, pathname } = new URL(url);
  return `http://${domain}.test:${port}${pathname}`;
}

async function follow(browser: Browser, link: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  return page;
}

async function signIn(page: Page, customer: string): Promise<void> {
  await page.getByLabel('Customer number').fill(customer);
  const isTold = page.waitForResponse(
    (response) => response.url().endsWith('/v1/collect') && (response.request().postData() ?? '').includes(customer),
  );
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await (await isTold).json()).toMatchObject({ rejected: [] });
}

const agree = (page: Page, isGiven: boolean) => page.evaluate(`tandem('consent', ${isGiven})`);

async function sale(externalId: string, customerId: string): Promise<void> {
  const { results } = await post('/v1/conversions', {
    items: [
      {
        externalId,
        identity: { customerId },
        type: 'purchase',
        value: { minor: 10_000, currency: 'EUR' },
        occurredAt: new Date().toISOString(),
      },
    ],
  });
  expect(results[0]).toMatchObject({ status: 'accepted' });
}

/** The conversion with its explanation, once the feed has credited it. */
const credited = (externalId: string) =>
  eventually(async () => {
    const list = await api.send('GET', `/v1/conversions?externalId=${externalId}`, { key: reader });
    expect(list.body.items[0]?.credits ?? []).not.toEqual([]);
    return (await api.send('GET', `/v1/conversions/${list.body.items[0].id}`, { key: reader })).body;
  }, 30_000);

it('credits both partners for one sale that began in two browsers and on two domains', async () => {
  const onPhone = await follow(phone, await linkOf(mira, 'go-mira', `${shop.origin('shop-a')}/`));
  await agree(onPhone, true);
  await signIn(onPhone, 'customer-42');
  const onLaptop = await follow(laptop, await linkOf(jonas, 'jonas-links', `${shop.origin('shop-b')}/`));
  await agree(onLaptop, true);
  await signIn(onLaptop, 'customer-42');
  await sale('order-1', 'customer-42');

  const { credits, touchpoints, lateEvidence } = await credited('order-1');
  expect(credits.map((credit: any) => [credit.beneficiary.id, credit.value.minor]).sort()).toEqual(
    [
      [mira, 5_000],
      [jonas, 5_000],
    ].sort(),
  );
  expect(touchpoints).toMatchObject([
    { partnerId: mira, kind: 'click', weight: 0.5 },
    { partnerId: jonas, kind: 'click', weight: 0.5 },
  ]);
  expect(lateEvidence).toEqual([]);
});

it('stores what happens without consent, and puts it into no journey', async () => {
  const page = await follow(phone, `${shop.origin('shop-a')}/?utm_medium=newsletter`);
  await agree(page, false);
  await page.getByLabel('Customer number').fill('customer-43');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await sale('order-2', 'customer-43');
  await page.evaluate(
    `tandem('conversion', { externalId: 'order-4', type: 'purchase', value: { minor: 2000, currency: 'EUR' } })`,
  );
  for (const order of ['order-2', 'order-4']) {
    const { credits, touchpoints } = await credited(order);
    expect(credits).toMatchObject([{ beneficiary: { kind: 'program', id: 'unattributed' } }]);
    expect(touchpoints).toEqual([]);
  }
  expect(await page.evaluate('document.cookie')).toBe('');
});

it('holds the commission of a conversion that only a browser reported, until a person has looked', async () => {
  const page = await follow(laptop, await linkOf(mira, 'go-mira', `${shop.origin('shop-a')}/`));
  await agree(page, true);
  await page.evaluate(
    `tandem('conversion', { externalId: 'order-3', type: 'purchase', value: { minor: 2000, currency: 'EUR' } })`,
  );
  const { id, credits } = await credited('order-3');
  expect(credits).toMatchObject([{ beneficiary: { id: mira }, value: { minor: 2_000 } }]);
  await eventually(async () => {
    const { body } = await api.send('GET', `/v1/commissions?conversionId=${id}`, { key: reader });
    expect(body.items).toMatchObject([{ state: 'held' }]);
    const reasons = await inTransaction(api.pool, programId, (tx) =>
      tx.query<{ reason: string }>('select reason from hold where conversion_id = $1', [id]),
    );
    expect(reasons.rows).toContainEqual({ reason: 'reported-by-browser' });
  }, 30_000);
});

it('takes a customer who withdraws the consent out of both journeys, and the partners with them', async () => {
  const reply = await post('/v1/consents/withdraw', { identity: { customerId: 'customer-42' } });
  // The customer, a visitor per browser, and a visitor per link.
  expect(reply).toMatchObject({ identities: 5, touchpoints: 2 });
  await eventually(async () => {
    const { credits, touchpoints } = await credited('order-1');
    expect(credits).toMatchObject([{ beneficiary: { id: 'unattributed' }, value: { minor: 10_000 } }]);
    expect(touchpoints).toEqual([]);
  }, 30_000);
});
