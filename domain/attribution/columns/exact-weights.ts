import { placeOf, positionParts } from '../models/position.ts';
import { decayedWeight } from '../models/time-decay.ts';
import type { RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/** The touchpoints of one conversion that count: the first `count` of `kept`, oldest first. */
export interface Counted {
  journeys: JourneyColumns;
  conversion: number;
  kept: Int32Array;
  count: number;
}

/**
 * The weights of `weighTouchpoints`, one at a time: model × factor as exact whole numbers on one scale, without an array of all, however long
 * the journey is.
 * @returns the weight of the touchpoint at a place in `kept`
 */
export function exactWeights(counted: Counted, rule: RuleColumns): (place: number) => bigint {
  const { kept, count } = counted;
  const { trait } = counted.journeys;
  const factor = (place: number) => rule.exact[trait[kept[place]!]!]!;
  const { model } = rule.policy;
  switch (model.kind) {
    case 'first':
      return (place) => (place === 0 ? factor(place) : 0n);
    case 'last':
      return (place) => (place === count - 1 ? factor(place) : 0n);
    case 'linear':
    case 'weights':
      return factor;
    case 'position': {
      const parts = positionParts(count, model.first, model.last);
      return (place) => parts[placeOf(place, count)] * factor(place);
    }
    case 'time-decay': {
      const youngest = youngestOf(counted, (place) => factor(place) > 0n);
      return (place) => {
        const own = factor(place);
        if (own === 0n) return 0n;
        return BigInt(decayedWeight(ageOf(counted, place) - youngest, rule.halfLifeMicros)) * own;
      };
    }
  }
}

/** Conversion minus touchpoint, in microseconds. */
export function ageOf({ journeys, conversion, kept }: Counted, place: number): number {
  return journeys.at[conversion]! - journeys.touchedAt[kept[place]!]!;
}

/** The age of the youngest touchpoint that `counts`; Infinity when none does. */
export function youngestOf(counted: Counted, counts: (place: number) => boolean): number {
  for (let place = counted.count - 1; place >= 0; place -= 1) if (counts(place)) return ageOf(counted, place);
  return Infinity;
}
