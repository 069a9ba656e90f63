import { expect, it } from '@jest/globals';
import { assertNotFarAhead } from '../../../domain/time/far-ahead.ts';

const NOW = '2026-02-28T12:00:00.000Z';

it.each(['1990-01-01T00:00:00Z', NOW, '2036-02-28T12:00:00.000Z', '2036-02-28T13:00:00+01:00'])('takes %s', (at) => {
  expect(() => assertNotFarAhead(at, NOW, 'effectiveFrom')).not.toThrow();
});

it.each(['2036-02-28T12:00:00.001Z', '2062-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
  'refuses %s by its field',
  (at) => {
    expect(() => assertNotFarAhead(at, NOW, 'effectiveFrom')).toThrow(
      expect.objectContaining({
        code: 'invalid',
        details: {
          errors: [{ path: 'effectiveFrom', message: 'Give an instant of the next 10 years, until 2036-02-28.' }],
        },
      }),
    );
  },
);

it('counts from 29 February to the day that follows where there is none', () => {
  expect(() => assertNotFarAhead('2038-03-01T00:00:00Z', '2028-02-29T00:00:00Z', 'until')).not.toThrow();
  expect(() => assertNotFarAhead('2038-03-01T00:00:01Z', '2028-02-29T00:00:00Z', 'until')).toThrow();
});
