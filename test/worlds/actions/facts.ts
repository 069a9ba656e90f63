import { addTouchpoint, voidTouchpoint } from '../../../db/intake/correction.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import type { IntakeResult } from '../../../db/intake/result.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import type { Dice } from '../../support/dice.ts';
import { action, sometimes } from '../action.ts';
import type { Actions } from '../action.ts';
import { BrokenInvariant } from '../broken-invariant.ts';
import { BY } from '../world.ts';
import type { World } from '../world.ts';
import { drawBack, person, PERSONS } from './identity.ts';

const VALUES = [1, 2, 3, 99, 100, 999, 1_000, 1_001, 3_333, 5_000, 9_999, 12_000, 40_000];
/** Facts that worlds make and intake may refuse for good reasons. */
const EXPECTED = ['parent-cycle', 'too-many-ids', 'wrong-currency'];

export const drawValue = (dice: Dice): number => dice.one([...VALUES, dice.whole(20_000)]);
export const clickIdOf = (no: number): string => Buffer.from(`${no}-`.padEnd(16, 'x')).toString('base64url');

/** @throws BrokenInvariant when intake refused what it must take */
export function taken([result]: readonly IntakeResult[]): boolean {
  if (result!.status === 'rejected' && !EXPECTED.includes(result!.code ?? ''))
    throw new BrokenInvariant('a valid fact is taken in', JSON.stringify(result));
  return result!.status === 'accepted';
}

function drawSale(dice: Dice, no: number) {
  return {
    who: dice.whole(PERSONS),
    back: drawBack(dice) * 0.8,
    minor: drawValue(dice),
    ...sometimes(dice, 6, { currency: 'USD' }),
    ...sometimes(dice, 3, { newCustomer: true }),
    ...sometimes(dice, 4, { type: 'trial' }),
    ...sometimes(dice, 8, { coupon: dice.whole(5) }),
    ...sometimes(dice, 10, { click: no + 1 - dice.whole(12) }),
  };
}

interface Sale extends Partial<ReturnType<typeof drawSale>> {
  /** Which of the sales so far. */
  parent?: number;
  /** The number of a step that may come later. */
  parentAhead?: number;
}

async function sell(world: World, sale: Sale, no: number): Promise<void> {
  const externalId = `s${no}`;
  const known = sale.parent === undefined ? undefined : world.sales.at(sale.parent % Math.max(1, world.sales.length));
  const parent = sale.parentAhead === undefined ? known : `s${sale.parentAhead}`;
  const item = {
    externalId,
    identity: person(sale.who!),
    type: sale.type ?? 'purchase',
    value: { minor: sale.minor, currency: sale.currency ?? 'EUR' },
    occurredAt: await world.at(sale.back!, no),
    ...(sale.newCustomer && { newCustomer: true }),
    ...(sale.coupon !== undefined && { couponCode: `CODE${sale.coupon}` }),
    ...(sale.click !== undefined && { clickId: clickIdOf(sale.click) }),
    ...(parent !== undefined && parent !== externalId && { parentExternalId: parent }),
  };
  if (taken(await intakeConversions(world.pool, world.programId, [item]))) world.sales.push(externalId);
}

export const FACTS: Actions = {
  touch: action(
    22,
    (dice) => ({
      partner: dice.whole(5),
      who: dice.whole(PERSONS),
      back: drawBack(dice),
      kind: dice.one(['click', 'click', 'view', 'code']),
      ...sometimes(dice, 4, { own: dice.one(['email', 'paid_search']) }),
      ...sometimes(dice, 3, { channel: 'video' }),
      ...sometimes(dice, 8, { two: true }),
      ...sometimes(dice, 15, { noConsent: true }),
    }),
    async (world, { partner, who, back, kind, own, channel, two, noConsent }, no) => {
      const { partnerId } = world.partner(partner);
      const item = {
        id: `t${no}`,
        identity: { ...person(who), ...(two && person(who + 1)) },
        kind,
        occurredAt: await world.at(back, no),
        ...(own === undefined ? { partnerId, ...(channel !== undefined && { channel }) } : { channel: own }),
        ...(noConsent && { consent: { measurement: false } }),
      };
      if (taken(await intakeTouchpoints(world.pool, world.programId, [item]))) world.touchpointIds.push(item.id);
    },
  ),

  click: action(
    4,
    (dice) => ({
      partner: dice.whole(5),
      who: dice.whole(PERSONS),
      back: drawBack(dice),
      consent: dice.whole(8) !== 0,
      bot: dice.whole(10) === 0,
    }),
    async (world, { partner, who, back, consent, bot }, no) => {
      const click = { touchpointId: `k${no}`, clickId: clickIdOf(no), at: await world.at(back, no), subId: null };
      await recordRedirects(world.pool, world.programId, [
        { ...click, code: world.linkCode(partner), visitorId: `v${who}k`, consent, bot },
      ]);
      world.touchpointIds.push(click.touchpointId);
    },
  ),

  sale: action(16, drawSale, sell),
  renewal: action(
    6,
    (dice, no) => ({ ...drawSale(dice, no), parent: dice.whole(10), back: drawBack(dice) * 0.4 }),
    sell,
  ),
  'renewal-first': action(1, (dice, no) => ({ ...drawSale(dice, no), parentAhead: no + 1 + dice.whole(8) }), sell),

  refund: action(
    7,
    (dice) => ({
      sale: dice.whole(10),
      ...(dice.whole(3) !== 0 && { minor: drawValue(dice) }),
      ...sometimes(dice, 8, { ahead: 1 + dice.whole(10) }),
    }),
    async (world, { sale, minor, ahead }, no) => {
      const of = ahead === undefined ? world.sales.at(sale % Math.max(1, world.sales.length)) : `s${no + ahead}`;
      if (of === undefined) return;
      const value = minor === undefined ? {} : { value: { minor, currency: 'EUR' } };
      const item = { externalId: `r${no}`, conversionExternalId: of, occurredAt: await world.at(0, no), reason: 'x' };
      taken(await intakeRefunds(world.pool, world.programId, [{ ...item, ...value }]));
    },
  ),

  /** A renewal and a refund that may come before their sale: they name it by the number of its step. */
  'renewal-of': action(0, (dice, no) => ({ ...drawSale(dice, no), parentAhead: dice.whole(no) }), sell),
  'refund-of': action(
    0,
    (dice, no) => ({ sale: dice.whole(no + 8) }),
    async (world, { sale }) => {
      const value = sale % 3 === 0 ? {} : { value: { minor: 1, currency: 'EUR' } };
      const item = { externalId: `r${sale}`, conversionExternalId: `s${sale}`, occurredAt: await world.at(0, 0) };
      taken(await intakeRefunds(world.pool, world.programId, [{ ...item, ...value, reason: 'x' }]));
    },
  ),

  void: action(
    3,
    (dice) => ({ touchpoint: dice.whole(20) }),
    async (world, { touchpoint }) => {
      const id = world.touchpointIds.at(touchpoint % Math.max(1, world.touchpointIds.length));
      if (id === undefined) return;
      world.mayMoveLocked = true;
      await world.tx((tx) => voidTouchpoint(tx, { touchpointId: id, reason: 'r', approvedBy: BY.id }));
    },
  ),

  add: action(
    2,
    (dice) => ({ who: dice.whole(PERSONS), partner: dice.whole(5), back: drawBack(dice) }),
    async (world, { who, partner, back }, no) => {
      const id = `a${no}`;
      const fact = { id, identity: person(who), channel: 'video', kind: 'click', occurredAt: await world.at(back, no) };
      world.mayMoveLocked = true;
      await addTouchpoint(world.pool, world.programId, { ...fact, partnerId: world.partner(partner).partnerId }, BY.id);
      world.touchpointIds.push(id);
    },
  ),
};
