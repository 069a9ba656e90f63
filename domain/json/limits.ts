import type { FieldFault } from '../errors.ts';
import { join, LOST_FIELD } from './reader.ts';

/**
 * The first place of a parsed JSON value that `canonicalJson` could not write or that is nested too deep: JSON may hold numbers beyond doubles,
 * which are read as infinite, and thousands of levels, at which every recursive reader breaks. It goes no deeper than it allows.
 * @param mostLevels of objects and lists; a value that is neither has none
 * @returns null when there is none
 */
export function findJsonFault(value: unknown, mostLevels: number): FieldFault | null {
  return walk(value, mostLevels, mostLevels);
}

function walk(value: unknown, levelsLeft: number, mostLevels: number): FieldFault | null {
  if (typeof value === 'number')
    return Number.isFinite(value) ? null : { path: '', message: 'Give finite numbers, below 1.8e308.' };
  if (typeof value !== 'object' || value === null) return null;
  if (levelsLeft === 0) return { path: '', message: `Nest objects and lists at most ${mostLevels} levels deep.` };
  for (const key in value) {
    const fault = walk((value as Record<string, unknown>)[key], levelsLeft - 1, mostLevels);
    if (fault) return { ...fault, path: fault.path === '' ? key : join(key, fault.path) };
  }
  return null;
}

/**
 * A field called `__proto__`. Not to be asked about what may be nested too deep.
 * @returns null when there is none
 */
export function findLostField(value: unknown): FieldFault | null {
  if (typeof value !== 'object' || value === null) return null;
  for (const key of Object.keys(value)) {
    if (key === LOST_FIELD) return { path: key, message: `No field and no name can be called ${LOST_FIELD}.` };
    const fault = findLostField((value as Record<string, unknown>)[key]);
    if (fault) return { ...fault, path: join(key, fault.path) };
  }
  return null;
}
