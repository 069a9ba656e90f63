import { exp2 } from '../exp2.ts';
import type { RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/** As in the plain model: weights of time-decay are whole numbers of 2⁻⁵². */
const DECAY_SCALE = 2 ** 52;

/**
 * Writes the weight of each touchpoint that counts into `weights`: model × factor, whole numbers on one scale for the journey. They are
 * exact while safe integers; under time-decay the product with a factor may be rounded once.
 */
export function weigh(
  journeys: JourneyColumns,
  conversion: number,
  rule: RuleColumns,
  kept: Int32Array,
  length: number,
  weights: Float64Array,
): void {
  const { unit } = rule;
  const { trait } = journeys;
  for (let index = 0; index < length; index += 1) weights[index] = unit[trait[kept[index]!]!]!;
  switch (rule.policy.model.kind) {
    case 'first':
      weights.fill(0, 1, length);
      return;
    case 'last':
      weights.fill(0, 0, length - 1);
      return;
    case 'linear':
    case 'weights':
      return;
    case 'position':
      position(weights, length, rule.parts);
      return;
    case 'time-decay':
      decay(journeys, journeys.at[conversion]!, rule.halfLifeMicros, kept, length, weights);
  }
}

function position(weights: Float64Array, length: number, [first, middle, last]: RuleColumns['parts']): void {
  if (length === 1) return;
  const between = length === 2 ? 1 : length - 2;
  weights[0] = weights[0]! * first * between;
  for (let index = 1; index < length - 1; index += 1) weights[index] = weights[index]! * middle;
  weights[length - 1] = weights[length - 1]! * last * between;
}

function decay(
  { touchedAt }: JourneyColumns,
  at: number,
  halfLifeMicros: number,
  kept: Int32Array,
  length: number,
  weights: Float64Array,
): void {
  // Oldest first, so the youngest that counts stands last; a factor of 0 leaves nothing of it.
  let youngest = 0;
  for (let index = length - 1; index >= 0; index -= 1) {
    if (weights[index] === 0) continue;
    youngest = at - touchedAt[kept[index]!]!;
    break;
  }
  for (let index = 0; index < length; index += 1) {
    const unit = weights[index]!;
    if (unit === 0) continue;
    const older = at - touchedAt[kept[index]!]! - youngest;
    // 2⁰ needs no arithmetic, and each journey has one.
    weights[index] = unit * (older === 0 ? DECAY_SCALE : Math.round(exp2(-older / halfLifeMicros) * DECAY_SCALE));
  }
}
