import fc from 'fast-check';
import type { Policy, TouchpointFilter } from '../../domain/attribution/policy.ts';
import type { Touchpoint } from '../../domain/attribution/touchpoint.ts';
import { aPolicy, aTouchpoint, daysBefore } from './journeys.ts';

const partners = ['prt_1', 'prt_2', 'prt_3', null];
const partnerTypes = ['creator', 'agency'];
const markets = ['DE', 'AT', null];
const kinds = ['click', 'view', 'code'] as const;
const channels = ['video', 'blog', 'paid_search', 'system_email'];

/** Journeys of up to twelve touchpoints of three partners and our own channels, around and beyond the lookback. */
export const journeys: fc.Arbitrary<Touchpoint[]> = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: -10, max: 60 * 24 * 40 }),
      partnerId: fc.constantFrom(...partners),
      channel: fc.constantFrom(...channels),
      kind: fc.constantFrom(...kinds),
      partnerType: fc.constantFrom(...partnerTypes),
      market: fc.constantFrom(...markets),
      isVoided: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((items) =>
    items.map(({ minutes, partnerType, market, ...more }, index) =>
      aTouchpoint({
        id: `tch_${index}`,
        occurredAt: daysBefore(minutes / 1_440),
        partnerType: more.partnerId && partnerType,
        market: more.partnerId && market,
        ...more,
      }),
    ),
  );

/** What a rule speaks of: at least one of everything that can be named, each with values that occur in `journeys`. */
export const filters: fc.Arbitrary<TouchpointFilter> = fc
  .record<TouchpointFilter, never>(
    {
      beneficiary: fc.constantFrom('partner', 'channel'),
      channel: fc.constantFrom(...channels),
      partnerType: fc.constantFrom(...partnerTypes),
      partnerId: fc.constantFrom('prt_1', 'prt_2', 'prt_3'),
      market: fc.constantFrom('DE', 'AT'),
      kind: fc.constantFrom(...kinds),
    },
    { requiredKeys: [] },
  )
  .filter((filter) => Object.keys(filter).length > 0);

const models = fc.oneof(
  fc.constantFrom<object>(
    { kind: 'first' },
    { kind: 'last' },
    { kind: 'linear' },
    { kind: 'position' },
    { kind: 'position', first: 0.25, last: 0.5 },
  ),
  fc.constantFrom('PT1H', 'P1D', 'P7D').map((halfLife) => ({ kind: 'time-decay', halfLife })),
  fc
    .dictionary(fc.constantFrom(...channels), fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 5, noNaN: true })))
    .map((weights) => ({ kind: 'weights', weights })),
);

/** Policies of every model, with exclusions, transforms, multipliers and caps; each one is valid. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    model: models,
    exclusions: fc.array(
      fc.record({ channel: fc.constantFrom(...channels), mode: fc.constantFrom('always', 'unless-only') }),
      { maxLength: 2 },
    ),
    transforms: fc.array(fc.constantFrom<unknown>('collapse-repeats', 'distinct-first', { keepLast: 3 }), {
      maxLength: 2,
    }),
    multipliers: fc.array(
      fc.record({ channel: fc.constantFrom(...channels), factor: fc.constantFrom(0, 0.5, 1.2, 1.5, 3) }),
      { maxLength: 2 },
    ),
    share: fc.constantFrom(undefined, 0.3, 0.8),
  })
  .map(({ share, multipliers, ...rest }) => {
    const kind = (rest.model as { kind: string }).kind;
    const allowed = kind === 'first' || kind === 'last' ? [] : multipliers;
    return aPolicy({ ...rest, multipliers: allowed, ...(share === undefined ? {} : { perPartnerShare: share }) });
  });
