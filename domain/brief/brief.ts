import { DomainError } from '../errors.ts';
import { JsonReader, join } from '../json/reader.ts';

/** What a brief weighs. */
export const BRIEF_DIMENSIONS = ['type', 'channel', 'vertical', 'market'] as const;
export type BriefDimension = (typeof BRIEF_DIMENSIONS)[number];

/** Weights of 0–1 per value of a dimension, for instance `{ type: { creator: 1, coupon: 0.2 }, … }`; a value not named weighs 0. */
export type BriefWeights = Record<BriefDimension, Record<string, number>>;

const MOST_VALUES = 200;

export function emptyWeights(): BriefWeights {
  return { type: {}, channel: {}, vertical: {}, market: {} };
}

/**
 * Reads the weights of a brief; dimensions that are left out say nothing.
 * @throws DomainError `invalid` naming each fault
 */
export function readBriefWeights(value: unknown, path = 'weights'): BriefWeights {
  const reader = new JsonReader();
  const fields = reader.object(value, path, BRIEF_DIMENSIONS) ?? {};
  const weights = emptyWeights();
  for (const dimension of BRIEF_DIMENSIONS) {
    if (fields[dimension] === undefined) continue;
    weights[dimension] = readDimension(reader, fields[dimension], join(path, dimension));
  }
  reader.assertNoFaults('The brief');
  return weights;
}

function readDimension(reader: JsonReader, value: unknown, path: string): Record<string, number> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    reader.fault(path, 'Give an object of values and their weights.');
    return {};
  }
  const entries = Object.entries(value);
  if (entries.length > MOST_VALUES) reader.fault(path, `Give at most ${MOST_VALUES} values.`);
  for (const [name, weight] of entries) reader.number(weight, join(path, name), 0, 1);
  return Object.fromEntries(entries) as Record<string, number>;
}

/**
 * Scales each dimension so that its largest weight is 1: what answers name most is looked for most.
 * @throws DomainError `invalid` when a count is negative
 */
export function scaleToWeights(counts: BriefWeights): BriefWeights {
  const weights = emptyWeights();
  for (const dimension of BRIEF_DIMENSIONS) {
    const entries = Object.entries(counts[dimension]);
    if (entries.some(([, count]) => count < 0)) throw new DomainError('invalid', 'A count cannot be negative.');
    const most = Math.max(0, ...entries.map(([, count]) => count));
    if (most === 0) continue;
    const scaled = entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => [name, round(count / most)]);
    weights[dimension] = Object.fromEntries(scaled) as Record<string, number>;
  }
  return weights;
}

function round(weight: number): number {
  return Math.round(weight * 1_000) / 1_000;
}
