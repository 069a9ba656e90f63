import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { assertNotInFuture } from '../../../db/intake/item.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());

const fromNow = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
const returned = (externalId: string, occurredAt: string) => ({
  externalId,
  conversionExternalId: `sale of ${externalId}`,
  value: { minor: 1, currency: 'EUR' },
  occurredAt,
  reason: 'returned',
});

/** Each kind of fact: how it is taken in, one item under a name, and everything that it may store, by that name. */
const KINDS = [
  {
    kind: 'touchpoint',
    take: intakeTouchpoints,
    item: (name: string, occurredAt: string) => touch({ id: name, identity: { visitorId: name }, occurredAt }),
    stored: [`select 1 from touchpoint where id = $1`, `select 1 from identity where value = $1`],
  },
  {
    kind: 'conversion',
    take: intakeConversions,
    item: (name: string, occurredAt: string) =>
      sale({ externalId: name, identity: { customerId: name, visitorId: `visitor ${name}` }, occurredAt }),
    stored: [
      `select 1 from conversion where external_id = $1`,
      `select 1 from identity where value = $1`,
      `select 1 from identity where value = 'visitor ' || $1`,
      `select 1 from identity_merge m join identity i on i.id in (m.a_id, m.b_id) where i.value = $1`,
    ],
  },
  {
    kind: 'refund',
    take: intakeRefunds,
    item: returned,
    stored: [
      `select 1 from refund where external_id = $1`,
      `select 1 from intake_work where external_id = 'sale of ' || $1`,
    ],
  },
  {
    kind: 'identity',
    take: intakeIdentities,
    item: (name: string, occurredAt: string) => ({ visitorId: `visitor ${name}`, customerId: name, occurredAt }),
    stored: [
      `select 1 from identity where value = $1`,
      `select 1 from identity where value = 'visitor ' || $1`,
      `select 1 from identity_merge m join identity i on i.id in (m.a_id, m.b_id) where i.value = $1`,
    ],
  },
];

describe.each(KINDS)('an event of the kind $kind', ({ kind, take, item, stored }) => {
  const rowsOf = async (name: string) => {
    const counts = [];
    for (const sql of stored) counts.push((await ground.rows(sql, [name])).length);
    return counts;
  };

  it('may be five minutes ahead of our clock, and no more: then it says so, stores nothing, and the others stand', async () => {
    const [ahead, beyond, now] = [`${kind} ahead`, `${kind} beyond`, `${kind} now`];
    const tooLate = fromNow(6);
    const results = await take(ground.pool, ground.programId, [
      item(ahead, fromNow(5)),
      item(beyond, tooLate),
      item(now, fromNow(0)),
    ]);
    expect(results).toMatchObject([
      { index: 0, status: 'accepted' },
      {
        index: 1,
        status: 'rejected',
        code: 'in-the-future',
        detail: expect.stringMatching(/^occurredAt: .* lies more than five minutes in the future\. Check/),
      },
      { index: 2, status: 'accepted' },
    ]);
    expect(results[1]!.detail).toContain(tooLate.slice(0, 23));
    expect(await rowsOf(ahead)).toEqual(stored.map(() => 1));
    expect(await rowsOf(beyond)).toEqual(stored.map(() => 0));
    expect(await rowsOf(now)).toEqual(stored.map(() => 1));
  });
});

it('counts the five minutes to the microsecond', () => {
  const received = '2026-03-01T09:55:00.000001Z';
  expect(() => assertNotInFuture('2026-03-01T10:00:00.000001Z', received)).not.toThrow();
  expect(() => assertNotInFuture('2026-03-01T10:00:00.000002Z', received)).toThrow('more than five minutes');
});
