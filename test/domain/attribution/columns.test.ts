import { describe, expect, it } from '@jest/globals';
import { ClaimsColumns, MOST_TOUCHPOINTS } from '../../../domain/attribution/columns/claims-columns.ts';
import { exactSums } from '../../../domain/attribution/columns/exact-claims.ts';
import { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import { exp2 } from '../../../domain/attribution/exp2.ts';
import { decayedWeight, timeDecayWeights } from '../../../domain/attribution/models/time-decay.ts';
import { Dice } from '../../support/dice.ts';
import { CHANNELS, drawJourney } from '../../support/drawn-journeys.ts';
import { columnsOf } from '../../support/journey-columns.ts';
import { aPartnerTouch, aPolicy, aTouchpoint, CONVERSION_AT, daysBefore } from '../../support/journeys.ts';
import { firstMessage, spawnScript } from '../../support/script.ts';
import { creditInColumns, plainly } from './two-paths.ts';
import type { Difference } from './two-paths.ts';

const SEED = 20_261_124;
const POLICIES = 400;
const JOURNEYS_EACH = 250;

describe('credit in columns', () => {
  it(`gives the shares and cents of the plain rules, over ${POLICIES * JOURNEYS_EACH} journeys of seed ${SEED}`, async () => {
    const child = spawnScript('test/domain/attribution/two-paths-main.ts', [SEED, POLICIES, JOURNEYS_EACH].map(String));
    const { exactSplits, fault } = await firstMessage<Difference>(child);
    expect(fault).toBeNull();
    // Amounts of nine trillion (one in twelve) and caps under time-decay leave the range on purpose.
    expect(exactSplits / (POLICIES * JOURNEYS_EACH)).toBeLessThan(0.35);
  }, 120_000);

  it('splits hardly any ordinary conversion by the plain rules', () => {
    const dice = new Dice(SEED);
    const journeys = Array.from({ length: 2_000 }, () => ({ ...drawJourney(dice), remainingMinor: 10_001 }));
    for (const kind of ['first', 'last', 'linear', 'position', 'time-decay']) {
      const { credits } = creditInColumns(journeys, aPolicy({ model: { kind } }));
      expect(credits.exactSplits / journeys.length).toBeLessThan(kind === 'time-decay' ? 0.03 : 0.000_1);
    }
  });

  it('names the last touchpoint that earned each credit', () => {
    const touchpoints = [
      aPartnerTouch('p', { id: 't1', occurredAt: daysBefore(3) }),
      aTouchpoint({ id: 't2', occurredAt: daysBefore(2) }),
      aPartnerTouch('p', { id: 't3', occurredAt: daysBefore(1) }),
    ];
    const journey = { occurredAt: CONVERSION_AT, remainingMinor: 100, touchpoints, contractLookback: () => ({}) };
    const { credits } = creditInColumns([journey], aPolicy());
    expect([...credits.source.subarray(0, credits.length)]).toEqual([2, 1]);
  });

  it('credits nobody, visibly, under a policy that excludes everything', () => {
    const everything = aPolicy({
      exclusions: ['partner', 'channel'].map((beneficiary) => ({ beneficiary, mode: 'always' })),
    });
    const dice = new Dice(SEED);
    const journeys = Array.from({ length: 50 }, () => drawJourney(dice));
    const { lines } = creditInColumns(journeys, everything);
    lines.forEach((line, index) => {
      expect(line).toBe(`program unattributed unattributed 1000000000000 ${journeys[index]!.remainingMinor}`);
      expect(line).toBe(plainly(journeys[index]!, everything));
    });
  });

  it('takes thirty thousand touchpoints of one conversion, by the plain rules and in columns alike', () => {
    const touchpoints = Array.from({ length: 30_000 }, (_, n) =>
      aTouchpoint({ id: `tch_${n}`, channel: CHANNELS[n % 4]!, occurredAt: daysBefore(n / 1_200) }),
    );
    const journey = { occurredAt: CONVERSION_AT, remainingMinor: 100_003, touchpoints, contractLookback: () => ({}) };
    for (const model of [{ kind: 'time-decay' }, { kind: 'linear' }]) {
      const policy = aPolicy({ model, transforms: model.kind === 'linear' ? ['distinct-first'] : [] });
      expect(creditInColumns([journey], policy).lines[0]).toBe(plainly(journey, policy));
    }
  });

  it.each([
    ['a hundred claims', 100, 100],
    ['as many touchpoints as the scratch holds', MOST_TOUCHPOINTS, 40],
    ['one touchpoint more', MOST_TOUCHPOINTS + 1, 40],
  ])('takes %s, by the plain rules and in columns alike', (_, count, partners) => {
    const touchpoints = Array.from({ length: count }, (__, n) =>
      aPartnerTouch(`prt_${n % partners}`, { id: `tch_${n}`, occurredAt: daysBefore((n * 7) % 29) }),
    );
    const journey = { occurredAt: CONVERSION_AT, remainingMinor: -100_003, touchpoints, contractLookback: () => ({}) };
    for (const kind of ['last', 'position', 'time-decay']) {
      const policy = aPolicy({ model: { kind } });
      // The second one follows on the first: nothing is left over in the scratch.
      const { lines } = creditInColumns([journey, { ...journey, touchpoints: touchpoints.slice(0, 3) }], policy);
      expect(lines[0]).toBe(plainly(journey, policy));
      expect(lines[1]).toBe(plainly({ ...journey, touchpoints: touchpoints.slice(0, 3) }, policy));
    }
  });

  it('counts a weight as exact only where a double holds every smaller one', () => {
    // Two of 2⁵² at the conversion and one of 1, 52 half-lives before it: 2⁵³ + 1 is 2⁵³ as a double.
    const touchpoints = [0, 0, 52 / 24].map((days, n) =>
      aPartnerTouch('p', { id: `t${n}`, occurredAt: daysBefore(days) }),
    );
    const journey = { occurredAt: CONVERSION_AT, remainingMinor: 100, touchpoints, contractLookback: () => ({}) };
    const journeys = columnsOf([journey]);
    const rule = new RuleColumns(aPolicy({ model: { kind: 'time-decay', halfLife: 'PT1H' } }));
    rule.grow(journeys.traits);
    const claims = new ClaimsColumns();
    const count = claims.pick(journeys, 0, rule);
    claims.weigh(journeys, 0, rule, count);
    claims.gather(journeys, rule, count);
    expect([claims.length, claims.weight[0]]).toEqual([1, 2 ** 53]);
    expect(exactSums({ journeys, conversion: 0, kept: claims.kept, count }, rule, claims)).toEqual([2n ** 53n + 1n]);
  });
});

it('weighs by age as `Math.round` would', () => {
  const dice = new Dice(SEED);
  const ages = Array.from({ length: 100_000 }, (_, n) => (n < 2_000 ? n * 31_000 : dice.next() * 60_000_000));
  const rounded = (older: number) => Math.round(exp2(-older / 1_000_000) * 2 ** 52);
  expect(ages.filter((older) => decayedWeight(older, 1_000_000) !== rounded(older))).toEqual([]);
});

it('takes more touchpoints in time-decay than a call may have arguments', () => {
  const ages = Array.from({ length: 300_000 }, (_, n) => n + 5);
  const weights = timeDecayWeights(
    ages,
    1_000_000_000,
    ages.map((_, n) => n > 0),
  );
  expect([weights[0], weights[1]]).toEqual([0n, 2n ** 52n]);
});
