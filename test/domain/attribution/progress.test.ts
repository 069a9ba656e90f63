import { describe, expect, it } from '@jest/globals';
import { progressOf } from '../../../domain/attribution/progress.ts';

describe('progress', () => {
  it('tells the rate per second and the time that is left by it', () => {
    expect(progressOf(300, 1_000, 60_000)).toEqual({ done: 300, total: 1_000, rate: 5, timeLeft: 'PT2M20S' });
  });

  it('has no rate before the first is done, and nothing left at the end', () => {
    expect(progressOf(0, 1_000, 60_000)).toEqual({ done: 0, total: 1_000, rate: null, timeLeft: null });
    expect(progressOf(5, null, 1_000)).toEqual({ done: 5, total: null, rate: 5, timeLeft: null });
    expect(progressOf(10, 10, null)).toEqual({ done: 10, total: 10, rate: null, timeLeft: null });
    expect(progressOf(12, 10, 1_000)).toMatchObject({ done: 10, timeLeft: 'PT0S' });
  });
});
