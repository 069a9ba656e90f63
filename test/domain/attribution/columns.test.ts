import { describe, expect, it } from '@jest/globals';
import { timeDecayWeights } from '../../../domain/attribution/models/time-decay.ts';
import { Dice } from '../../support/dice.ts';
import { CHANNELS, drawJourney } from '../../support/drawn-journeys.ts';
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
      expect(credits.exactSplits / journeys.length).toBeLessThan(kind === 'time-decay' ? 0.05 : 0.000_1);
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
