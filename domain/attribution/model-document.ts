import { CHANNEL_FAULT, CHANNEL_PATTERN } from './name.ts';
import { join } from '../json/reader.ts';
import type { JsonReader } from '../json/reader.ts';
import { durationMs } from '../time/duration.ts';
import { NANO, nano } from './nano.ts';
import { checkDecimal } from './policy-decimal.ts';
import { MODEL_KINDS } from './policy.ts';
import type { Model } from './policy.ts';

const FIELDS = {
  first: ['kind'],
  last: ['kind'],
  linear: ['kind'],
  position: ['kind', 'first', 'last'],
  'time-decay': ['kind', 'halfLife'],
  weights: ['kind', 'weights'],
} as const;
const MOST_WEIGHT = 1_000_000;

/** Reads a model and fills in its defaults (40/20/40, seven days); undefined after a fault. */
export function checkModel(reader: JsonReader, value: unknown, path: string): Model | undefined {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind as Model['kind'];
  if (!MODEL_KINDS.includes(kind)) return reader.fault(join(path, 'kind'), `Give one of ${MODEL_KINDS.join(', ')}.`);
  const fields = reader.object(value, path, FIELDS[kind]);
  if (!fields) return undefined;
  if (kind === 'position') return checkPosition(reader, fields, path);
  if (kind === 'time-decay') return checkHalfLife(reader, fields.halfLife ?? 'P7D', join(path, 'halfLife'));
  if (kind === 'weights') return checkWeights(reader, fields.weights, join(path, 'weights'));
  return { kind };
}

function checkPosition(reader: JsonReader, fields: Record<string, unknown>, path: string): Model | undefined {
  const first = checkDecimal(reader, fields.first ?? 0.4, join(path, 'first'), 1);
  const last = checkDecimal(reader, fields.last ?? 0.4, join(path, 'last'), 1);
  if (first === undefined || last === undefined) return undefined;
  // As credit reads them: two that are rounded up may overshoot, and would leave the middle a weight below nothing.
  const together = nano(first) + nano(last);
  if (together === 0n) return reader.fault(path, 'first and last cannot both be 0.');
  if (together > NANO) return reader.fault(path, 'first and last together are at most 1, each read to nine places.');
  return { kind: 'position', first, last };
}

function checkHalfLife(reader: JsonReader, value: unknown, path: string): Model | undefined {
  const halfLife = reader.duration(value, path, true);
  if (halfLife === undefined) return undefined;
  if (durationMs(halfLife) === 0) return reader.fault(path, 'Give a half-life that is longer than nothing.');
  return { kind: 'time-decay', halfLife };
}

function checkWeights(reader: JsonReader, value: unknown, path: string): Model | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reader.fault(path, 'Give an object of channels and their weights.');
  }
  for (const [channel, weight] of Object.entries(value)) {
    if (!CHANNEL_PATTERN.test(channel)) reader.fault(join(path, channel), CHANNEL_FAULT);
    if (typeof weight === 'number' && weight < 0) {
      reader.fault(
        join(path, channel),
        `The weight of "${channel}" is negative; nothing is floored, so set it by hand.`,
      );
    } else checkDecimal(reader, weight, join(path, channel), MOST_WEIGHT);
  }
  return { kind: 'weights', weights: value as Record<string, number> };
}
