import { durationMs } from '../time/duration.ts';
import { firstWeights } from './models/first.ts';
import { lastWeights } from './models/last.ts';
import { linearWeights } from './models/linear.ts';
import { positionWeights } from './models/position.ts';
import { timeDecayWeights } from './models/time-decay.ts';
import { channelWeights } from './models/weights.ts';
import type { Model } from './policy.ts';

/** What a model needs of each touchpoint of a journey, oldest first. */
export interface WeighedTouchpoint {
  channel: string;
  /** Conversion minus touchpoint, in microseconds. */
  ageMicros: number;
  /** The product of all matching multipliers, on one scale for the whole journey; 1n each without multipliers. */
  factor: bigint;
}

/**
 * The model's weight times the multipliers of each touchpoint: whole numbers on one scale, not normalised; at least one touchpoint.
 * Whole numbers, because in floating point noise would decide between fractions that are equal on paper, and so over a cent.
 */
export function weighTouchpoints(model: Model, journey: readonly WeighedTouchpoint[]): bigint[] {
  return modelWeights(model, journey).map((weight, index) => weight * journey[index]!.factor);
}

function modelWeights(model: Model, journey: readonly WeighedTouchpoint[]): bigint[] {
  switch (model.kind) {
    case 'first':
      return firstWeights(journey.length);
    case 'last':
      return lastWeights(journey.length);
    case 'linear':
      return linearWeights(journey.length);
    case 'position':
      return positionWeights(journey.length, model.first, model.last);
    case 'time-decay': {
      const ages = journey.map(({ ageMicros }) => ageMicros);
      const counts = journey.map(({ factor }) => factor > 0n);
      return timeDecayWeights(ages, durationMs(model.halfLife) * 1_000, counts);
    }
    case 'weights': {
      const channels = journey.map(({ channel }) => channel);
      return channelWeights(channels, model.weights);
    }
  }
}
