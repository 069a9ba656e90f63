import { expect, it } from '@jest/globals';
import { readJourneyItem } from '../../db/import/journeys.ts';

const row = (path: string[]) => ({ path, conversions: 1, value: '2.5', nulls: 0 });

it('names every channel that the report of journeys can show: of links and of types of partners too', () => {
  const path = ['paid_search', 'micro-influencer', '_own'];
  expect(readJourneyItem(row(path)).path).toEqual(path);
});

it.each([[['Video']], [['-video']], [['video', '']], [['a'.repeat(65)]], [[]]])('refuses the path %j', (path) => {
  expect(() => readJourneyItem(row(path))).toThrow(/path: Give 1–1000 channels/);
});
