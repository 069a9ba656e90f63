import { insertPolicyDraft } from '../../db/queries/policy-version.ts';
import { newId } from '../../db/ids.ts';
import type { Exclusion, Model, Multiplier, Policy, Transform } from '../../domain/attribution/policy.ts';
import type { Dice } from '../support/dice.ts';
import { sometimes } from './action.ts';
import type { World } from './world.ts';

const MODELS: readonly Model[] = [
  { kind: 'first' },
  { kind: 'last' },
  { kind: 'linear' },
  { kind: 'linear' },
  { kind: 'position', first: 0.4, last: 0.4 },
  { kind: 'position', first: 0, last: 0.7 },
  { kind: 'time-decay', halfLife: 'P7D' },
  { kind: 'time-decay', halfLife: 'PT6H' },
  { kind: 'weights', weights: { creator: 1.5, video: 0.3, email: 0.5, coupon: 1 } },
  { kind: 'weights', weights: { agency: 2 } },
];
const EXCLUSIONS: readonly Exclusion[] = [
  { channel: 'email', mode: 'unless-only' },
  { channel: 'email', mode: 'always' },
  { beneficiary: 'channel', mode: 'unless-only' },
  { partnerType: 'agency', mode: 'always' },
  { partnerType: 'coupon', kind: 'code', mode: 'unless-only' },
  { kind: 'view', mode: 'unless-only' },
];
const TRANSFORMS: readonly Transform[] = ['collapse-repeats', 'distinct-first', { keepLast: 1 }, { keepLast: 3 }];
const MULTIPLIERS: readonly Multiplier[] = [
  { partnerType: 'creator', factor: 1.5 },
  { channel: 'video', factor: 0.5 },
  { beneficiary: 'channel', factor: 0 },
  { kind: 'view', factor: 3 },
];
const LOOKBACKS: readonly Policy['lookback'][] = [
  { default: 'P30D', byKind: {}, byChannel: {} },
  { default: 'P30D', byKind: { view: 'P2D' }, byChannel: {} },
  { default: 'P3D', byKind: {}, byChannel: { email: 'P20D' } },
];

/** A valid policy with what attribution.md §3 knows; `types` are those of conversions that it may speak of, `*` otherwise. */
export function drawPolicy(dice: Dice, { types = false } = {}): Policy {
  const model = dice.one(MODELS);
  const mayMultiply = model.kind !== 'first' && model.kind !== 'last';
  return {
    name: 'drawn',
    conversionTypes: types && dice.whole(8) === 0 ? ['purchase'] : ['*'],
    model,
    exclusions: dice.some(2, () => dice.one(EXCLUSIONS)),
    transforms: dice.whole(2) === 0 ? [] : [dice.one(TRANSFORMS)],
    multipliers: mayMultiply ? dice.some(2, () => dice.one(MULTIPLIERS)) : [],
    lookback: dice.one(LOOKBACKS),
    ...sometimes(dice, 6, { minimumAge: 'PT1H' }),
    ...sometimes(dice, 8, { maximumAge: 'P10D' }),
    ...sometimes(dice, 4, { perPartnerShare: dice.one([0.6, 0.3]) }),
  };
}

export async function insertDraft(world: World, body: Policy): Promise<string> {
  const id = newId('policy');
  await world.tx((tx) => insertPolicyDraft(tx, { id, body, createdBy: 'per_x' }));
  return id;
}
