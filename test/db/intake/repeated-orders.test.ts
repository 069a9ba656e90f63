import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../../db/ids.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import { insertCoupon } from '../../../db/queries/coupon.ts';
import { insertLink } from '../../../db/queries/link.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner } from '../../support/ground.ts';
import { IntakeGround, sale } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
  const { partnerId } = await aPartner(ground.pool, ground.programId);
  await inTransaction(ground.pool, ground.programId, async (tx) => {
    await insertCoupon(tx, { partnerId, code: 'SAVE10' });
    await insertLink(tx, { partnerId, destination: 'https://example.com', code: 'go' });
  });
});
afterAll(() => ground.close());

const follow = (clickId: string, visitorId: string, at: string) =>
  recordRedirects(ground.pool, ground.programId, [
    { touchpointId: newId('touchpoint'), clickId, code: 'go', visitorId, consent: true, bot: false, at },
  ]);

it('an order that is refused or a duplicate leaves no touchpoint of its coupon', async () => {
  const order = (more: object = {}) => sale({ externalId: 'o1', couponCode: 'SAVE10', ...more });
  const send = (more?: object) => intakeConversions(ground.pool, ground.programId, [order(more)]);
  await send();
  const codes = () => ground.count('touchpoint', `kind = 'code'`);
  expect(await codes()).toBe(1);
  const results = [...(await send()), ...(await send({ value: { minor: 200, currency: 'EUR' } }))];
  expect(results.map(({ status, code }) => code ?? status)).toEqual(['duplicate', 'id-reused']);
  expect(await codes()).toBe(1);
});

it('a click that a fast clock dates ahead happened when it was received', async () => {
  const ahead = new Date(Date.now() + 3_600_000).toISOString();
  await follow('click-ahead', 'visitor-ahead', ahead);
  const [click] = await ground.rows<{ isBefore: boolean }>(
    `select t.occurred_at <= t.received_at as "isBefore" from click c join touchpoint t on t.id = c.touchpoint_id where c.id = 'click-ahead'`,
  );
  expect(click).toEqual({ isBefore: true });
});

it('a sale that names the click of somebody who took the consent back is joined with nobody', async () => {
  await follow('click-gone', 'visitor-gone', '2026-03-01T00:00:00Z');
  const by = { id: 'per_x', actor: { kind: 'system' as const } };
  await inTransaction(ground.pool, ground.programId, (tx) => withdrawConsent(tx, { visitorId: 'visitor-gone' }, by));
  for (const [externalId, identity] of [
    ['o2', { customerId: 'customer-7' }],
    ['o3', {}],
  ] as const)
    await intakeConversions(ground.pool, ground.programId, [sale({ externalId, identity, clickId: 'click-gone' })]);
  const persons = await ground.rows<{ value: string | null; joined: number }>(
    `select i.value, (select count(*)::int from identity o where o.component_id = i.component_id) as joined
     from conversion c
     left join identity i on i.id = c.identity_id
     where c.external_id in ('o2', 'o3') order by c.external_id`,
  );
  expect(persons).toEqual([
    { value: 'customer-7', joined: 1 },
    { value: null, joined: 0 },
  ]);
});
