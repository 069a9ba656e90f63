import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { inTransaction } from '../../db/transaction.ts';
import { startApi } from '../api/api-stack.ts';
import type { ApiStack } from '../api/api-stack.ts';
import { startBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { startShop } from '../support/shop.ts';
import type { Shop } from '../support/shop.ts';
import { insertTestPartner } from '../api/partner-row.ts';

/** Of the script element, by the host of the page. */
const ATTRIBUTES: Record<string, string> = { given: ' data-consent="given"', renamed: ' data-param="cid"' };

let api: ApiStack;
let shop: Shop;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let siteKey: string;
let linkUrl: string;

beforeAll(async () => {
  api = await startApi();
  shop = await startShop(api.baseUrl, (name) => `data-key="${siteKey}"${ATTRIBUTES[name] ?? ''}`);
  const made = await api.send('POST', '/v1/sites', {
    key: api.keys.developer,
    body: {
      name: 'Shop',
      origins: ['shop', 'given', 'renamed'].map((name) => shop.origin(name)),
      conversions: 'hold',
      identities: 'accept',
    },
  });
  siteKey = made.body.key;
  const partnerId = await insertTestPartner(api.pool, api.programId, 'Mira');
  const body = { partnerId, destination: `${shop.origin('shop')}/?size=42#top` };
  linkUrl = (await api.send('POST', '/v1/links', { key: api.keys.developer, body })).body.url;
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await shop?.stop();
  await api?.stop();
});

beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
  page = await context.newPage();
});

const say = (...call: unknown[]) => page.evaluate((args) => (globalThis as any).tandem(...args), call);
const isLoaded = () =>
  page.waitForFunction('tandem.q === undefined && typeof tandem === "function" && tandem.length > 0');
const cookies = async () => (await context.cookies()).filter(({ name }) => name.startsWith('td_'));
const stored = (text: string, values: unknown[] = []) =>
  inTransaction(api.pool, api.programId, async (tx) => (await tx.query<Record<string, any>>(text, values)).rows);
const touchpointsOf = (visitorId: string) =>
  stored(
    `select t.kind, t.channel from touchpoint t join identity i on i.id = t.identity_id where i.value = $1 order by t.occurred_at`,
    [visitorId],
  );
async function visitorId(): Promise<string> {
  return (await cookies()).find(({ name }) => name === 'td_visitor')!.value;
}

describe('the snippet', () => {
  it('keeps and names nobody until the page has said that the person agrees', async () => {
    const before = (await stored('select id from touchpoint where not consent')).length;
    await page.goto(`${shop.origin('shop')}/?utm_medium=Paid%20Search`);
    await isLoaded();
    expect(await cookies()).toEqual([]);
    await say('consent', false);
    const visits = await eventually(async () => {
      const rows = await stored('select channel, identity_id from touchpoint where not consent order by received_at');
      expect(rows).toHaveLength(before + 1);
      return rows;
    });
    expect(visits.at(-1)).toEqual({ channel: 'paid_search', identity_id: null });
    expect(await cookies()).toEqual([]);
    expect(await page.evaluate('localStorage.length')).toBe(0);
  });

  it('stores a visit of a visitor who agreed, remembers it, and counts a step within the site as none', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    const visitor = await visitorId();
    await eventually(async () => expect(await touchpointsOf(visitor)).toEqual([{ kind: 'visit', channel: 'direct' }]));
    await page.click('a');
    await isLoaded();
    await say('event', { channel: 'newsletter' });
    await say('consent', true);
    await eventually(async () => expect(await touchpointsOf(visitor)).toHaveLength(2));
    expect(await touchpointsOf(visitor)).toEqual([
      { kind: 'visit', channel: 'direct' },
      { kind: 'event', channel: 'newsletter' },
    ]);
    expect(await visitorId()).toBe(visitor);
  });

  it('keeps the click id for ninety days, hides it from the address, and joins both visitors', async () => {
    await page.goto(linkUrl);
    await isLoaded();
    await say('consent', true);
    const click = (await cookies()).find(({ name }) => name === 'td_click')!;
    expect(click.expires - Date.now() / 1_000).toBeGreaterThan(89.9 * 86_400);
    expect(click).toMatchObject({ domain: 'shop.test', sameSite: 'Lax' });
    expect(page.url()).toBe(`${shop.origin('shop')}/?size=42#top`);
    const visitor = await visitorId();
    await eventually(async () =>
      expect(
        await stored(
          `select t.kind, l.code is not null as by_link from identity i
           join identity other on other.component_id = i.component_id
           join touchpoint t on t.identity_id = other.id left join link l on l.id = t.link_id
           where i.value = $1`,
          [visitor],
        ),
      ).toEqual([{ kind: 'click', by_link: true }]),
    );
  });

  it('finds the click id under the name that the programme gave it', async () => {
    await page.goto(`${shop.origin('renamed')}/?tdclid=no&cid=some-click`);
    await isLoaded();
    await say('consent', true);
    expect(await cookies()).toContainEqual(expect.objectContaining({ name: 'td_click', value: 'some-click' }));
    expect(page.url()).toBe(`${shop.origin('renamed')}/?tdclid=no`);
  });

  it('does as the page says from the start, unless the browser asks not to be tracked', async () => {
    await page.goto(shop.origin('given'));
    await isLoaded();
    await eventually(async () => expect(await cookies()).toHaveLength(1));
    await context.close();
    context = await browser.newContext();
    await context.addInitScript({
      content: `Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })`,
    });
    page = await context.newPage();
    await page.goto(shop.origin('given'));
    await isLoaded();
    expect(await cookies()).toEqual([]);
  });

  it('forgets the visitor when the consent is taken back', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    await say('identify', 'customer-1');
    expect(await cookies()).not.toEqual([]);
    await say('consent', false);
    expect(await cookies()).toEqual([]);
    expect(await page.evaluate('localStorage.length')).toBe(0);
  });

  it('names nobody who comes back with the cookie before the page has said so, and holds back what the page says', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    const visitor = await visitorId();
    await eventually(async () => expect(await touchpointsOf(visitor)).toHaveLength(1));
    const identity = { visitorId: visitor };
    await api.send('POST', '/v1/consents/withdraw', { key: api.keys.owner, body: { identity } });
    const requests: string[] = [];
    context.on('request', (request) => requests.push(request.url()));
    await page.goto(`${shop.origin('shop')}/?utm_medium=back`);
    await isLoaded();
    await say('event', { channel: 'back' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(requests.filter((url) => url.endsWith('/v1/collect'))).toEqual([]);
    await say('consent', false);
    const those = () =>
      stored(`select kind, consent, identity_id from touchpoint where channel = 'back' order by kind`);
    await eventually(async () => expect(await those()).toHaveLength(2));
    expect(await those()).toEqual([
      { kind: 'event', consent: false, identity_id: null },
      { kind: 'visit', consent: false, identity_id: null },
    ]);
    expect(await stored('select id from identity where value = $1', [visitor])).toEqual([]);
    expect(await cookies()).toEqual([]);
  });

  it.each(['undefined', 'x', ''])('gives a visitor a new id instead of the broken one "%s"', async (broken) => {
    await context.addCookies([{ name: 'td_visitor', value: broken, url: shop.origin('shop') }]);
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    const visitor = await visitorId();
    expect(visitor).not.toBe(broken);
    await eventually(async () => expect(await touchpointsOf(visitor)).toHaveLength(1));
  });

  it('sends what the network did not take, also when the page was closed meanwhile, and once', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    const visitor = await visitorId();
    await eventually(async () => expect(await touchpointsOf(visitor)).toHaveLength(1));
    await context.setOffline(true);
    await say('event', { channel: 'offline' });
    await page.waitForFunction('localStorage.getItem("td_queue") !== null');
    await page.close();
    await context.setOffline(false);
    page = await context.newPage();
    await page.goto(`${shop.origin('shop')}/?utm_medium=email`);
    await isLoaded();
    await say('consent', true);
    await eventually(async () => {
      const channels = (await touchpointsOf(visitor)).map(({ channel }) => channel);
      expect(channels.toSorted()).toEqual(['direct', 'email', 'offline']);
    });
    await page.waitForFunction('localStorage.getItem("td_queue") === null');
  });

  it('keeps fifty items at most while nothing can be sent', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    await context.setOffline(true);
    await page.evaluate(`for (let n = 0; n < 80; n += 1) tandem('event', { channel: 'c' })`);
    expect(await page.evaluate('JSON.parse(localStorage.getItem("td_queue")).length')).toBe(50);
  });

  it('sends more than one request may carry in several, and drops what none may carry', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    const visitor = await visitorId();
    await page.evaluate(`
      tandem('event', { channel: 'huge', properties: { text: 'x'.repeat(70_000) } });
      for (let n = 0; n < 30; n += 1) tandem('event', { channel: 'wide', properties: { text: 'x'.repeat(3_000) } });`);
    await eventually(async () => {
      const channels = (await touchpointsOf(visitor)).map(({ channel }) => channel);
      expect(channels.toSorted()).toEqual(['direct', ...Array.from({ length: 30 }, () => 'wide')]);
    });
    await page.waitForFunction('localStorage.getItem("td_queue") === null');
  });

  it('sends with a beacon what a page says while it is left', async () => {
    await page.goto(shop.origin('shop'));
    await isLoaded();
    await say('consent', true);
    const visitor = await visitorId();
    // On to a page without the snippet: nothing else can send it later.
    await page.evaluate(
      `addEventListener('pagehide', () => tandem('event', { channel: 'leaving' })); location.href = 'about:blank'`,
    );
    await eventually(async () =>
      expect(await touchpointsOf(visitor)).toContainEqual({ kind: 'event', channel: 'leaving' }),
    );
  });

  it('stores the visit of somebody who left without an answer as one without consent', async () => {
    const count = async () => (await stored(`select id from touchpoint where not consent and channel = 'shy'`)).length;
    await page.goto(`${shop.origin('shop')}/?utm_medium=shy`);
    await isLoaded();
    expect(await count()).toBe(0);
    await page.goto('about:blank');
    await eventually(async () => expect(await count()).toBe(1));
  });

  it('reports a conversion without consent, without a person', async () => {
    await page.goto(linkUrl);
    await isLoaded();
    await say('consent', false);
    await say('conversion', { externalId: 'web-6', type: 'purchase', value: { minor: 4_200, currency: 'EUR' } });
    const sale = `select identity_id, click_touchpoint_id from conversion where external_id = 'web-6'`;
    await eventually(async () => expect(await stored(sale)).toHaveLength(1));
    expect(await stored(sale)).toEqual([{ identity_id: null, click_touchpoint_id: null }]);
  });

  it('reports a conversion with its visitor and the click that it came by', async () => {
    await page.goto(linkUrl);
    await isLoaded();
    await say('consent', true);
    await say('conversion', { externalId: 'web-7', type: 'purchase', value: { minor: 4_200, currency: 'EUR' } });
    await eventually(async () =>
      expect(
        await stored(
          `select value_minor as minor, click_touchpoint_id is not null as by_click from conversion where external_id = 'web-7'`,
        ),
      ).toEqual([{ minor: 4_200, by_click: true }]),
    );
  });
});
