import type { JsonReader } from '../json/reader.ts';
import { NANO } from './nano.ts';

/** The least weight, factor or part that is not nothing. */
export const LEAST_DECIMAL = 1 / NANO;
const WHY = 'decimals are read to nine places.';

/** A weight, factor or part from 0 to `most`; one that is more than nothing and would be read as 0 is a fault. */
export function checkDecimal(reader: JsonReader, value: unknown, path: string, most: number): number | undefined {
  if (isTooSmall(value)) return reader.fault(path, `Give at least 0.000000001, or 0: ${WHY}`);
  return reader.number(value, path, 0, most);
}

/** A share above 0 and at most 1, of which the same holds. */
export function checkShare(reader: JsonReader, value: unknown, path: string): void {
  if (typeof value === 'number' && value >= LEAST_DECIMAL && value <= 1) return;
  const share = isTooSmall(value) ? `of at least 0.000000001 and at most 1: ${WHY}` : 'above 0 and at most 1.';
  reader.fault(path, `Give a share ${share}`);
}

function isTooSmall(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < LEAST_DECIMAL;
}
