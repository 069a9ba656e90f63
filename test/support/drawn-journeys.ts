import type { Policy } from '../../domain/attribution/policy.ts';
import type { TermsLookback } from '../../domain/contract/terms.ts';
import type { Dice } from './dice.ts';
import type { PlainJourney } from './journey-columns.ts';
import { aPolicy, aTouchpoint, CONVERSION_AT, daysBefore } from './journeys.ts';

export const CHANNELS = ['video', 'blog', 'paid_search', 'system_email'];
/** The last one is beyond the range of exact arithmetic in doubles. */
const AMOUNTS = [0, 1, 99, 100, 10_001, 77_777, 123_456, 1_000_003, 5_000_000_000, -100, -4_321, 9_000_000_000_000];
const KINDS = ['click', 'view', 'code'] as const;
const MARKETS = ['DE', 'AT', null];
const CONTRACTS: (TermsLookback | null)[] = [{}, {}, { default: 'P45D' }, { byKind: { view: 'PT6H' } }, null];

/** Whole days meet often; parts of a minute make fractions. Some lie after the conversion, some beyond every lookback. */
const INSTANTS = Array.from({ length: 400 }, (_, n) => daysBefore(n % 2 === 0 ? (n % 50) - 1 : n / 9.7));

function drawModel(dice: Dice): object {
  const weights = () =>
    Object.fromEntries(CHANNELS.map((channel) => [channel, dice.one([0, 0.5, 1, 1.5, dice.next()])]));
  return dice.one([
    () => ({ kind: 'first' }),
    () => ({ kind: 'last' }),
    () => ({ kind: 'linear' }),
    () => ({
      kind: 'position',
      ...dice.one([{}, { first: 0.25, last: 0.5 }, { first: 0.5, last: 0.5 }, { first: 0.3 }]),
    }),
    () => ({ kind: 'time-decay', halfLife: dice.one(['PT1H', 'P1D', 'P7D']) }),
    () => ({ kind: 'time-decay', halfLife: 'P7D' }),
    () => ({ kind: 'weights', weights: weights() }),
  ])();
}

function drawFilter(dice: Dice): object {
  return dice.one<object>([
    { channel: dice.one(CHANNELS) },
    { beneficiary: dice.one(['partner', 'channel']) },
    { partnerType: 'creator', kind: dice.one(KINDS) },
    { partnerId: `prt_${dice.whole(4)}` },
  ]);
}

/** What a multiplier may name: a market too, which an exclusion may not. */
function drawMultiplierFilter(dice: Dice): object {
  const market = dice.one(['DE', 'AT']);
  return dice.one<object>([
    { market },
    { market, beneficiary: 'partner', channel: dice.one(CHANNELS) },
    drawFilter(dice),
    drawFilter(dice),
  ]);
}

/** Policies of every model, with exclusions, transforms, multipliers, lookbacks and caps. */
export function drawPolicy(dice: Dice): Policy {
  const model = drawModel(dice) as { kind: string };
  const takesFactors = model.kind !== 'first' && model.kind !== 'last';
  return aPolicy({
    model,
    exclusions: dice.some(2, () => ({ ...drawFilter(dice), mode: dice.one(['always', 'unless-only']) })),
    transforms: dice.some(2, () => dice.one<unknown>(['collapse-repeats', 'distinct-first', { keepLast: 3 }])),
    multipliers: takesFactors
      ? dice.some(2, () => ({ ...drawMultiplierFilter(dice), factor: dice.one([0, 0.5, 1.2, 1.5, 3, 1 / 3]) }))
      : [],
    lookback: dice.one<object>([{}, { byKind: { view: 'P1D' }, byChannel: { blog: 'P3D' } }, { default: 'P10D' }]),
    perPartnerShare: dice.one([undefined, undefined, undefined, undefined, 0.3, 0.8, 1 / 3]),
  });
}

/** Journeys with equal instants, voided touchpoints, partners without a contract or in different markets, and amounts of every size and sign. */
export function drawJourney(dice: Dice): PlainJourney {
  const contracts = new Map([0, 1, 2, 3].map((n) => [`prt_${n}`, dice.one(CONTRACTS)]));
  const touchpoints = dice.some(8, () => {
    const partnerId = dice.one(['prt_0', 'prt_1', 'prt_2', 'prt_3', null, null]);
    const at = dice.one(INSTANTS);
    return aTouchpoint({
      id: `tch_${dice.whole(1_000_000)}`,
      occurredAt: at,
      receivedAt: dice.one([at, CONVERSION_AT]),
      partnerId,
      channel: dice.one(CHANNELS),
      kind: dice.one(KINDS),
      partnerType: partnerId && dice.one(['creator', 'agency']),
      market: partnerId && dice.one(MARKETS),
      isVoided: dice.whole(12) === 0,
    });
  });
  const minor = dice.one(AMOUNTS);
  return {
    occurredAt: CONVERSION_AT,
    remainingMinor: minor,
    touchpoints,
    contractLookback: (partnerId) => contracts.get(partnerId) ?? null,
  };
}
