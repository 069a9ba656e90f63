import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../db/intake/item.ts';
import { readTouchpointItem } from '../../../db/intake/touchpoint-item.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { IntakeGround, touch } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());

const LONG = `${'x'.repeat(60)}\\ "'{},\t\n😀ä`;
const second = (n: number) =>
  `2026-03-0${1 + (n % 9)}T09:00:${String(n % 60).padStart(2, '0')}.${String(n).padStart(6, '0')}Z`;

/** Items of every shape: with and without each field, in letters of one to four bytes, of all ages. */
const shapes = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => {
    const common = {
      id: `${name} ${n % 7 === 0 ? `ä😀"${n}` : n}`,
      occurredAt: n === 1 ? '1970-01-01T00:00:00.000001Z' : second(n),
    };
    return touch({
      ...common,
      identity: n % 3 === 0 ? { visitorId: `${LONG}${n}`, customerId: `c${n}` } : { visitorId: `v${n % 11}` },
      channel: n % 2 === 0 ? 'paid_search' : 'display_retargeting_and_more',
      kind: n % 5 === 0 ? 'view' : 'click',
      subId: n % 4 === 0 ? `sub ${LONG}` : null,
      consent: { measurement: n % 13 !== 0 },
      properties: n % 6 === 0 ? { a: LONG, n } : null,
    });
  });

/** What is stored of these, in the words of the items. */
const storedOf = (name: string) =>
  ground.rows<Record<string, unknown>>(
    `select t.id, t.occurred_at as "occurredAt", t.channel, t.kind, t.sub_id as "subId", t.consent, t.bot, t.properties,
       encode(k.digest, 'hex') as digest, i.kind as person, i.value
     from touchpoint t
     join touchpoint_key k on k.program_id = t.program_id and k.id = t.id
     left join identity i on i.program_id = t.program_id and i.id = t.identity_id
     where t.id like $1
     order by t.id collate "C"`,
    [`${name} %`],
  );

const wantedOf = (items: readonly object[]) =>
  items
    .map((item) => readTouchpointItem(item))
    .map(({ id, occurredAt, channel, kind, subId, consent, properties, digest, person: [first] }) => ({
      ...{
        id,
        occurredAt: occurredAt.replace(/\.?0+Z$/, 'Z'),
        channel,
        kind,
        subId,
        consent,
        bot: false,
        properties,
        digest,
      },
      ...{ person: first?.kind ?? null, value: first?.value ?? null },
    }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));

describe('touchpoints', () => {
  it.each([
    ['one', 1],
    ['few', 9],
    ['many', 500],
  ])('are stored as they were sent: %s', async (name, count) => {
    const items = shapes(name, count);
    const results = await intakeTouchpoints(ground.pool, ground.programId, items);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['accepted']));
    expect(await storedOf(name)).toEqual(wantedOf(items));
  });

  it.each([
    ['known few', 20],
    ['known many', 400],
  ])('that are partly there already are stored once, and what differs is refused: %s', async (name, count) => {
    const items = shapes(name, count);
    await intakeTouchpoints(ground.pool, ground.programId, items.slice(0, count / 2));
    const other = { ...items[3]!, channel: 'email' };
    const options = [{}, { areNew: true }];
    for (const [round, option] of options.entries()) {
      const results = await intakeTouchpoints(ground.pool, ground.programId, [...items, other, items.at(-1)], option);
      const said = (status: string) => results.filter((result) => result.status === status).length;
      const fresh = round === 0 ? count / 2 : 0;
      expect([said('accepted'), said('duplicate'), said('rejected')]).toEqual([fresh, count + 1 - fresh, 1]);
      expect(results[count]).toMatchObject({ code: 'id-reused', id: results[3]!.id });
    }
    expect(await storedOf(name)).toEqual(wantedOf(items));
  });

  it('that turn out to be known when they were said to be new are stored once all the same', async () => {
    const items = shapes('said new', 300);
    await intakeTouchpoints(ground.pool, ground.programId, items.slice(100, 200));
    const results = await intakeTouchpoints(ground.pool, ground.programId, items, { areNew: true });
    expect(results.filter(({ status }) => status === 'duplicate')).toHaveLength(100);
    expect(await storedOf('said new')).toEqual(wantedOf(items));
  });
});

it('has the digest of the canonical JSON of everything but its id', () => {
  const items = [...shapes('digest', 60), touch({ partnerId: 'prt_"ä', linkCode: 'l\\', couponCode: 'c "' })];
  for (const item of items) {
    const { id: _, digest, ...content } = readTouchpointItem(item);
    expect(digest).toBe(digestOf(content));
  }
  expect(readTouchpointItem(touch({ id: 'a', occurredAt: '2026-01-01T00:00:00Z' })).digest).toBe(
    'd7e17488a506444cba79fc14ecc1937614754d8bbfa5162db31a34da9fcbcdb1',
  );
});
