import { expect, it } from '@jest/globals';
import { countParents } from '../../../domain/attribution/parent-line.ts';

const line = (many: number) => new Map(Array.from({ length: many }, (_, n) => [`n${n}`, `n${n + 1}`]));

it.each([
  ['nobody', null, new Map<string, string>(), 0],
  ['one that nobody knows', 'x', new Map<string, string>(), 1],
  ['one with a parent', 'x', new Map([['x', 'y']]), 2],
  ['a line of 100', 'n0', line(99), 100],
  ['a line of 101', 'n0', line(100), 101],
  ['a line of 500', 'n0', line(499), 101],
  ['itself', 'x', new Map([['x', 'x']]), 101],
  [
    'a circle of two',
    'x',
    new Map([
      ['x', 'y'],
      ['y', 'x'],
    ]),
    101,
  ],
])('a conversion that names %s', (_what, first, parents, expected) => {
  expect(countParents(first, (externalId) => parents.get(externalId))).toBe(expected);
});
