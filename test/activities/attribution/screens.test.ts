import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { voidTouchpoint } from '../../../db/intake/correction.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { intakeSiteConversions } from '../../../db/intake/conversions.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { newId } from '../../../db/ids.ts';
import type { Pool } from '../../../db/pool.ts';
import { listScreenHits, measureScreens } from '../../../db/queries/screen-hit.ts';
import { insertSite } from '../../../db/queries/site.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
const SALE_AT = '2026-03-10T12:00:00Z';
const CLICK_AT = '2026-03-10T11:00:00Z';

useTestPool((opened) => (pool = opened));

async function aWorld(screens = {}) {
  const settings = { ...defaultSettings(), thresholds: { ...defaultSettings().thresholds, screens } };
  const { programId } = await aProgram(pool, { settings });
  const world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch({ id: 't1', partnerId, occurredAt: CLICK_AT });
  return { world, partnerId };
}

const reasons = async (world: World) =>
  (await world.rows<{ reason: string }>('select reason from hold order by reason')).map(({ reason }) => reason);

async function payTo(world: World, partnerId: string, details: { iban?: string; account?: string; holder?: string }) {
  await world.rows(
    `insert into payout_details (program_id, id, partner_id, method, account_holder, iban, account, tax_country, hash, submitted_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'DE', 'h', now())`,
    [
      world.programId,
      newId('payoutDetails'),
      partnerId,
      details.iban ? 'sepa' : 'sandbox',
      details.holder ?? 'Mira Muster',
      details.iban ?? null,
      details.account ?? null,
    ],
  );
}

const hashOf = (email: string) => createHash('sha256').update(email.toLowerCase()).digest('hex');

describe('the screen for self-referrals', () => {
  it('finds the e-mail address of the partner, and not of a person whose merge was taken back', async () => {
    const { world, partnerId } = await aWorld();
    const emailHash = hashOf(`${partnerId}@example.com`);
    await intakeIdentities(pool, world.programId, [{ customerId: 'c', emailHash, occurredAt: CLICK_AT }]);
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    expect(await reasons(world)).toEqual(['self-referral']);

    const [merge] = await world.rows<{ id: string }>('select id from identity_merge');
    await inTransaction(pool, world.programId, (tx) => undoMerge(tx, { mergeId: merge!.id, reason: 'r', by: 'p' }));
    await world.sale('s2', 1_000, SALE_AT);
    await world.drain();
    expect(await reasons(world)).toEqual(['self-referral']);
  });

  it.each([
    ['the id of the partner', (partnerId: string) => ({ identity: { customerId: partnerId } })],
    ['the payout account', () => ({ identity: { customerId: 'acc-7' } })],
    ['a payer of the name of the account holder', () => ({ properties: { payerName: ' mira MUSTER ' } })],
    ['a bank account that is the partner’s', () => ({ properties: { iban: 'de02 1203 0000 0000 2020 51' } })],
  ])('finds %s', async (what, sale) => {
    const { world, partnerId } = await aWorld();
    const iban = what.startsWith('a bank') ? 'DE02120300000000202051' : undefined;
    await payTo(world, partnerId, iban ? { iban } : { account: 'acc-7' });
    const more: { identity?: { customerId: string }; properties?: object } = sale(partnerId);
    if (more.identity) await world.touch({ id: 't2', ...more, partnerId, occurredAt: CLICK_AT });
    await world.sale('s1', 1_000, SALE_AT, more);
    await world.drain();
    expect(await reasons(world)).toEqual(['self-referral']);
  });

  it('finds a partner who buys through another that is paid to the same account', async () => {
    const { world, partnerId } = await aWorld();
    const other = await aPartner(pool, world.programId);
    for (const id of [partnerId, other.partnerId]) await payTo(world, id, { account: 'acc-9' });
    const emailHash = hashOf(`${other.partnerId}@example.com`);
    await intakeIdentities(pool, world.programId, [{ customerId: 'c', emailHash, occurredAt: CLICK_AT }]);
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    const hits = await inTransaction(pool, world.programId, (tx) =>
      listScreenHits(tx, { screen: 'self-referral', limit: 10 }),
    );
    expect(hits).toMatchObject([
      { partnerId, version: 2, state: 'standing', evidence: expect.stringContaining('owner') },
    ]);
  });

  it('looks at no payout details that were rejected', async () => {
    const { world, partnerId } = await aWorld();
    await payTo(world, partnerId, { account: 'acc-7' });
    await world.rows(`update payout_details set state = 'rejected'`);
    await world.sale('s1', 1_000, SALE_AT, { properties: { payerName: 'Mira Muster' } });
    await world.drain();
    expect(await reasons(world)).toEqual([]);
  });

  it('holds nothing of a stranger', async () => {
    const { world, partnerId } = await aWorld();
    await payTo(world, partnerId, { account: 'acc-7' });
    await world.sale('s1', 1_000, SALE_AT, { properties: { payerName: 'Somebody Else', iban: 'DE1' } });
    await world.drain();
    expect(await reasons(world)).toEqual([]);
    expect(await world.commission(partnerId, 's1')).toBe(100);
  });
});

describe('the screen for reused ids', () => {
  const again = (world: World, partnerId: string, times: number) =>
    intakeTouchpoints(
      pool,
      world.programId,
      Array.from({ length: times }, (_, index) => ({
        id: 't1',
        kind: 'click',
        identity: { customerId: `other-${index}` },
        partnerId,
        occurredAt: CLICK_AT,
      })),
    );

  it('holds what a partner earns after more of them than is allowed, with the version and parameters of then', async () => {
    const { world, partnerId } = await aWorld({ 'id-reused': { moreThan: 2, within: 'PT1H' } });
    const refused = await again(world, partnerId, 3);
    expect(refused.every(({ code }) => code === 'id-reused')).toBe(true);
    expect(await world.rows('select partner_id, items from id_reuse')).toEqual([{ partner_id: partnerId, items: 3 }]);
    await world.sale('s1', 1_000, SALE_AT);
    await world.drain();
    const [hit] = await inTransaction(pool, world.programId, (tx) =>
      listScreenHits(tx, { screen: 'id-reused', limit: 10 }),
    );
    expect(hit).toMatchObject({
      partnerId,
      version: 1,
      parameters: { moreThan: 2, within: 'PT1H' },
      evidence: '3 touchpoints reused an id within PT1H before the conversion.',
    });
    expect(await inTransaction(pool, world.programId, measureScreens)).toMatchObject([
      { screen: 'id-reused', version: 1, hits: 1, standing: 1, lifted: 0, confirmed: 0 },
    ]);
  });

  it('holds nothing at the number itself, nor when it is off', async () => {
    for (const settings of [{ moreThan: 3 }, { moreThan: 2, isOn: false }]) {
      const { world, partnerId } = await aWorld({ 'id-reused': settings });
      await again(world, partnerId, 3);
      await world.sale('s1', 1_000, SALE_AT);
      await world.drain();
      expect(await reasons(world)).toEqual([]);
    }
  });

  it('counts nothing that is a duplicate', async () => {
    const { world, partnerId } = await aWorld();
    const same = { id: 't1', kind: 'click', identity: { customerId: 'c' }, partnerId, occurredAt: CLICK_AT };
    expect(await intakeTouchpoints(pool, world.programId, [same, same])).toMatchObject([
      { status: 'duplicate' },
      { status: 'duplicate' },
    ]);
    expect(await world.rows('select items from id_reuse')).toEqual([]);
  });
});

it('the screen for sales that a browser reported holds those of a site that takes none any more', async () => {
  const { world } = await aWorld();
  const id = newId('site');
  const rules = { origins: ['https://shop.example'], conversions: 'hold' as const, identities: 'accept' as const };
  await inTransaction(pool, world.programId, (tx) =>
    insertSite(tx, { id, name: 'Shop', createdBy: 'per_x', ...rules }),
  );
  const value = { minor: 1_000, currency: 'EUR' };
  const sale = { externalId: 's1', identity: { customerId: 'c' }, type: 'purchase', value, occurredAt: SALE_AT };
  expect(await intakeSiteConversions(pool, world.programId, [sale], { siteId: id })).toMatchObject([
    { status: 'accepted' },
  ]);
  await world.rows(`update site set conversions = 'refuse'`);
  await world.drain();
  expect(await reasons(world)).toEqual(['reported-by-browser']);
});

it('a voided touchpoint holds no later sale', async () => {
  const { world, partnerId } = await aWorld();
  await world.touch({ id: 'fast', partnerId, occurredAt: SALE_AT });
  await world.sale('s1', 1_000, SALE_AT);
  await world.drain();
  expect(await reasons(world)).toEqual(['too-fast']);
  await inTransaction(pool, world.programId, (tx) =>
    voidTouchpoint(tx, { touchpointId: 'fast', reason: 'fraud', approvedBy: 'per_x' }),
  );
  await world.sale('s2', 1_000, SALE_AT);
  await world.drain();
  expect(await reasons(world)).toEqual(['too-fast']);
});
