import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newClickId } from '../../../api/redirect/click-id.ts';
import { newId } from '../../../db/ids.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { addTouchpoint } from '../../../db/intake/correction.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import { identityOfConversion } from '../../../db/queries/feedback.ts';
import { insertLink } from '../../../db/queries/link.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { madeUpCustomer, MOST_IDS } from '../../../domain/attribution/identity.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
  await inTransaction(ground.pool, ground.programId, (tx) =>
    insertLink(tx, { partnerId: null, code: 'go', destination: 'https://shop.example/', channel: 'tv' }),
  );
});
afterAll(() => ground?.close());

const AT = '2026-03-01T00:00:00Z';
const sell = (...items: object[]) => intakeConversions(ground.pool, ground.programId, items.map(sale));
const click = (clickId: string, visitorId: string) =>
  recordRedirects(ground.pool, ground.programId, [
    { touchpointId: newId('touchpoint'), clickId, code: 'go', visitorId, consent: true, bot: false, at: AT },
  ]);
/** How many ids the person has who placed an order. */
const idsOf = async (externalId: string): Promise<number> => {
  const [row] = await ground.rows<{ n: number }>(
    `select count(*)::int as n from conversion c join identity i on i.id = c.identity_id
     join identity o on o.component_id = i.component_id where c.external_id = $1`,
    [externalId],
  );
  return row!.n;
};

it('refuses a customer of a sender that would be taken for one made from an order or a click, wherever it is said', async () => {
  const { pool, programId } = ground;
  const identity = { customerId: madeUpCustomer('order', 'x') };
  const refused = [
    { status: 'rejected', code: 'invalid', detail: expect.stringMatching(/customerId: .*begin with "tandem:"/) },
  ];
  expect(await sell({ externalId: 'm1', identity })).toMatchObject(refused);
  expect(await intakeTouchpoints(pool, programId, [touch({ identity })])).toMatchObject(refused);
  expect(await intakeIdentities(pool, programId, [{ ...identity, visitorId: 'v', occurredAt: AT }])).toMatchObject(
    refused,
  );
  expect(await ground.count('identity')).toBe(0);
});

it('lets a sender have customers of the names that were made up before', async () => {
  const clickId = newClickId();
  const own = { identity: { customerId: `click:${clickId}` } };
  await sell({ externalId: 'm2', identity: {}, clickId }, { ...own, externalId: 'm3' });
  expect(await idsOf('m2')).toBe(1);
  expect(
    await ground.rows(`select from conversion where external_id in ('m2', 'm3') group by identity_id`),
  ).toHaveLength(2);
});

it('adds a touchpoint to, and withdraws, a person whose only id is made up', async () => {
  const { pool, programId } = ground;
  const [sold] = await sell({ externalId: 'm4', identity: {}, clickId: newClickId() });
  const identity = await inTransaction(pool, programId, (tx) => identityOfConversion(tx, sold!.id!));
  await addTouchpoint(pool, programId, touch({ identity }), 'per_x');
  const withdrawal = inTransaction(pool, programId, (tx) =>
    withdrawConsent(tx, identity, { id: 'per_x', actor: SYSTEM }),
  );
  expect(await withdrawal).toMatchObject({ identities: 1, touchpoints: 1 });
});

it.each(['first', 'last'])('gives a person of fifty ids the sale of a click that is stored %s', async (place) => {
  const clickId = newClickId();
  const visitorId = `full-${place}`;
  const join = (no: number) => ({ visitorId, customerId: `${visitorId}-${no}`, occurredAt: AT });
  const joins = Array.from({ length: MOST_IDS - 1 }, (_, no) => join(no));
  await intakeIdentities(ground.pool, ground.programId, joins);
  if (place === 'first') await click(clickId, visitorId);
  await sell({ externalId: visitorId, identity: {}, clickId });
  if (place === 'last') await click(clickId, visitorId);
  expect(await idsOf(visitorId)).toBe(place === 'last' ? MOST_IDS + 1 : MOST_IDS);
  const [full] = await intakeIdentities(ground.pool, ground.programId, [join(99)]);
  expect(full).toMatchObject({ code: 'too-many-ids' });
});
