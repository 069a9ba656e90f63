import { describe, expect, it } from '@jest/globals';
import { creditLongJourney } from '../../../domain/attribution/columns/long-journey.ts';
import { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import { creditConversion } from '../../../domain/attribution/credit.ts';
import { beneficiaryOf } from '../../../domain/attribution/touchpoint.ts';
import { Dice } from '../../support/dice.ts';
import { drawJourney, drawPolicy } from '../../support/drawn-journeys.ts';
import { columnsOf } from '../../support/journey-columns.ts';
import type { PlainJourney } from '../../support/journey-columns.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';

const SEED = 20_261_128;
const POLICIES = 200;
const JOURNEYS_EACH = 20;

/** Everything that the plain rules say of a journey, as text. */
function plainly({ touchpoints, contractLookback, ...conversion }: PlainJourney, policy: Policy): string {
  const result = creditConversion(conversion, touchpoints, policy, contractLookback);
  const earning = new Map(touchpoints.map((touchpoint) => [touchpoint.id, touchpoint]));
  return JSON.stringify({
    credits: result.credits.map(({ beneficiary, channel, shareE12, minor }) => {
      const isOwn = (id: string) => {
        const touchpoint = earning.get(id)!;
        return touchpoint.channel === channel && beneficiaryOf(touchpoint).id === beneficiary.id;
      };
      const last = result.touchpoints.findLastIndex(({ id, weight }) => weight > 0 && isOwn(id));
      return [beneficiary.kind, beneficiary.id, channel, shareE12, minor, last];
    }),
    steps: result.touchpoints.map(({ weight, reason }) => [weight, reason]),
    ageFault: result.ageFault,
  });
}

/** The same by the way of long journeys. */
function inColumns(journey: PlainJourney, policy: Policy): string {
  const columns = columnsOf([journey]);
  const rule = new RuleColumns(policy);
  rule.grow(columns.traits);
  const { credits, stepAt, ageFault } = creditLongJourney(columns, rule);
  return JSON.stringify({
    credits: credits.map(({ beneficiary, channel, shareE12, minor, last }) => {
      return [beneficiary.kind, beneficiary.id, channel, shareE12, minor, last];
    }),
    steps: Array.from(columns.touchedAt, (_, index) => {
      const { weight, reason } = stepAt(index);
      return [weight, reason];
    }),
    ageFault,
  });
}

describe('a long journey', () => {
  it(`gets the credits, weights, reasons and age of the plain rules, over ${POLICIES * JOURNEYS_EACH} journeys of seed ${SEED}`, () => {
    const dice = new Dice(SEED);
    for (let n = 0; n < POLICIES; n += 1) {
      const ages = dice.one([{}, { minimumAge: 'P1D' }, { maximumAge: 'P5D' }]);
      const policy = { ...drawPolicy(dice), ...ages };
      for (let journey = 0; journey < JOURNEYS_EACH; journey += 1) {
        const drawn = drawJourney(dice);
        expect(inColumns(drawn, policy)).toBe(plainly(drawn, policy));
      }
    }
  });
});
