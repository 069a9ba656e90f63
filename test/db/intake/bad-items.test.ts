import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intakeConversions, intakeSiteConversions } from '../../../db/intake/conversions.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import type { IntakeResult } from '../../../db/intake/result.ts';
import { readTouchpointItem } from '../../../db/intake/touchpoint-item.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());

const said = ({ code, status, detail }: IntakeResult) => [code ?? status, detail?.split(':')[0] ?? ''].join(' ').trim();
const fromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const MEGABYTE = { a: 'x'.repeat(1_000_000) };
const BEYOND_DOUBLES = { a: [JSON.parse('-1e400') as number] };
const nested = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`) as object;
const LONG_NAME = 'n'.repeat(65);

describe('a touchpoint', () => {
  it.each([
    ['a channel in capitals', { channel: 'Video' }, 'invalid channel'],
    ['a channel of 65 letters', { channel: LONG_NAME }, 'invalid channel'],
    ['a channel beyond a–z', { channel: 'vidéo' }, 'invalid channel'],
    ['an empty channel', { channel: '' }, 'invalid channel'],
    ['a channel that is a number', { channel: 5 }, 'invalid channel'],
    ['an empty id', { id: '' }, 'invalid id'],
    ['an id of blanks', { id: '  ' }, 'invalid id'],
    ['an id with NUL', { id: 'a\u0000' }, 'invalid id'],
    ['an empty visitor', { identity: { visitorId: '' } }, 'placeholder-identity identity.visitorId'],
    ['an event six minutes ahead', { occurredAt: fromNow(6) }, 'in-the-future occurredAt'],
    ['the last year that has four digits', { occurredAt: '9999-12-31T23:59:59Z' }, 'in-the-future occurredAt'],
    ['the year ten thousand', { occurredAt: '9999-12-31T23:59:59-12:00' }, 'invalid occurredAt'],
    ['the year 50', { occurredAt: '0050-06-01T00:00:00Z' }, 'invalid occurredAt'],
    ['a day before 1970', { occurredAt: '1969-12-31T23:59:59Z' }, 'invalid occurredAt'],
    ['a day that does not exist', { occurredAt: '2026-02-29T00:00:00Z' }, 'invalid occurredAt'],
    ['an instant without zone', { occurredAt: '2026-01-01T00:00:00' }, 'invalid occurredAt'],
    ['properties of a megabyte', { properties: MEGABYTE }, 'invalid properties'],
    ['properties with a number beyond doubles', { properties: BEYOND_DOUBLES }, 'invalid properties'],
    ['properties of 33 levels', { properties: nested(33) }, 'invalid properties'],
    ['properties of 1,300 levels, which are 8 KiB', { properties: nested(1_300) }, 'invalid properties'],
    ['properties of 100,000 levels', { properties: nested(100_000) }, 'invalid properties'],
    ['properties with NUL', { properties: { a: 'b\0' } }, 'invalid properties'],
    ['properties with half a pair behind a backslash', { properties: { a: '\\\\\ud800' } }, 'invalid properties'],
    ['properties that are a list', { properties: [] }, 'invalid properties'],
  ])('is refused with %s, and the others of its batch stand', async (name, more, why) => {
    const results = await intakeTouchpoints(ground.pool, ground.programId, [
      touch(more),
      touch({ id: `beside ${name}` }),
    ]);
    expect(results.map(said)).toEqual([why, 'accepted']);
  });

  it('may have properties of 32 levels, and text that reads like an escape', async () => {
    const properties = [nested(32), { a: '\\u0000 \\ud800 \\\\u0000', '\\u0000': 'C:\\users\\u0000' }];
    const items = properties.map((each, index) => touch({ id: `deep${index}`, properties: each }));
    expect((await intakeTouchpoints(ground.pool, ground.programId, items)).map(said)).toEqual(['accepted', 'accepted']);
    const stored = await ground.rows(`select properties from touchpoint where id like 'deep_' order by id`);
    expect(stored).toEqual(properties.map((each) => ({ properties: each })));
  });

  it('may be four minutes ahead of our clock, or from another century', async () => {
    const results = await intakeTouchpoints(ground.pool, ground.programId, [
      touch({ id: 'ahead', occurredAt: fromNow(4) }),
      touch({ id: 'old', occurredAt: '1999-12-31T23:59:59.123456+01:00' }),
      touch({ id: 'first', occurredAt: '1970-01-01T00:00:00Z' }),
    ]);
    expect(results.map(said)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await ground.rows(`select occurred_at as at from touchpoint where id = 'old'`)).toEqual([
      { at: '1999-12-31T22:59:59.123456Z' },
    ]);
  });
});

it('gives one instant one text, whether it needs the calendar to be read or not', () => {
  for (const part of ['', '.5', '.123456', '.000001'])
    for (const second of ['2026-03-01T09:00:00', '1999-12-28T23:59:59', '2000-02-28T00:00:00']) {
      const [plain, other] = [`${second}${part}Z`, `${second}${part}+00:00`].map(
        (occurredAt) => readTouchpointItem(touch({ occurredAt })).occurredAt,
      );
      expect(plain).toBe(other);
      expect(plain).toBe(`${second}.${part.slice(1).padEnd(6, '0')}Z`);
    }
});

describe('a conversion', () => {
  it.each([
    ['a type in capitals', { type: 'Purchase' }, 'invalid type'],
    ['a type of 65 letters', { type: LONG_NAME }, 'invalid type'],
    ['no type', { type: undefined }, 'invalid type'],
    ['an empty external id', { externalId: '' }, 'invalid externalId'],
    ['an empty parent', { parentExternalId: '' }, 'invalid parentExternalId'],
    ['a negative value', { value: { minor: -1, currency: 'EUR' } }, 'negative-value value.minor'],
    ['a value above all bounds', { value: { minor: 1e18, currency: 'EUR' } }, 'invalid value.minor'],
    ['a value as text', { value: { minor: '5', currency: 'EUR' } }, 'invalid value.minor'],
    ['a currency that nobody has', { value: { minor: 5, currency: 'XXX' } }, 'wrong-currency value.currency'],
    ['itself as parent', { externalId: 'self', parentExternalId: 'self' }, 'parent-cycle parentExternalId'],
    ['an event six minutes ahead', { occurredAt: fromNow(6) }, 'in-the-future occurredAt'],
    ['properties of a megabyte', { properties: MEGABYTE }, 'invalid properties'],
    ['properties with a number beyond doubles', { properties: BEYOND_DOUBLES }, 'invalid properties'],
    ['properties of 33 levels', { properties: nested(33) }, 'invalid properties'],
    ['properties of 1,300 levels, which are 8 KiB', { properties: nested(1_300) }, 'invalid properties'],
    ['properties of 100,000 levels', { properties: nested(100_000) }, 'invalid properties'],
  ])('is refused with %s', async (_name, more, why) => {
    const results = await intakeConversions(ground.pool, ground.programId, [sale(more)]);
    expect(results.map(said)).toEqual([why]);
  });

  it('is refused where its parents go round in a circle, in one batch or over several', async () => {
    const chain = (id: string, parent: string) => sale({ externalId: id, parentExternalId: parent });
    const batch = await intakeConversions(ground.pool, ground.programId, [
      chain('a', 'b'),
      chain('b', 'c'),
      chain('c', 'a'),
    ]);
    expect(batch.map(said)).toEqual(['accepted', 'accepted', 'parent-cycle parentExternalId']);
    expect((await intakeConversions(ground.pool, ground.programId, [chain('c', 'a')])).map(said)).toEqual([
      'parent-cycle parentExternalId',
    ]);
  });

  it('may be in another currency than the one beside it', async () => {
    const results = await intakeConversions(ground.pool, ground.programId, [
      sale({ externalId: 'usd', value: { minor: 5, currency: 'USD' } }),
      sale({ externalId: 'jpy', value: { minor: 0, currency: 'JPY' } }),
    ]);
    expect(results.map(said)).toEqual(['accepted', 'accepted']);
  });

  it('may be of 10^13 smallest units where a server tells it, and of 10^11 where a page does', async () => {
    const orders = [10 ** 11, 10 ** 11 + 1, 10 ** 13, 10 ** 13 + 1].map((minor) =>
      sale({ externalId: `of-${minor}`, value: { minor, currency: 'EUR' } }),
    );
    const { pool, programId } = ground;
    const ofPage = orders.map((order) => ({ ...order, externalId: `page-${order.externalId}` }));
    expect((await intakeConversions(pool, programId, orders)).map(said)).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'invalid value.minor',
    ]);
    const results = await intakeSiteConversions(pool, programId, ofPage, { siteId: 'sit_page' });
    expect(results.map(said)).toEqual(['accepted', ...Array<string>(3).fill('invalid value.minor')]);
  });
});

it.each([
  ['a negative value', { value: { minor: -1, currency: 'EUR' } }, 'negative-value value.minor'],
  ['nothing to give back', { value: { minor: 0, currency: 'EUR' } }, 'invalid value.minor'],
  ["another currency than the sale's", { value: { minor: 1, currency: 'EUR' } }, 'wrong-currency value.currency'],
  ['an empty external id', { externalId: '' }, 'invalid externalId'],
  ['an empty sale', { conversionExternalId: '' }, 'invalid conversionExternalId'],
  ['no reason', { reason: undefined }, 'invalid reason'],
])('a refund is refused with %s', async (_name, more, why) => {
  await intakeConversions(ground.pool, ground.programId, [
    sale({ externalId: 'dollars', value: { minor: 9, currency: 'USD' } }),
  ]);
  const refund = {
    externalId: 'r',
    conversionExternalId: 'dollars',
    occurredAt: '2026-03-03T00:00:00Z',
    reason: 'back',
  };
  expect((await intakeRefunds(ground.pool, ground.programId, [{ ...refund, ...more }])).map(said)).toEqual([why]);
});
