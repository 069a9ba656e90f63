import { describe, expect, it } from '@jest/globals';
import { durationText } from '../../../domain/time/duration-text.ts';

describe('a duration in words', () => {
  it.each([
    ['P1Y6M', 'en', '1 year, 6 months'],
    ['P1Y', 'de', '1 Jahr'],
    ['P2W', 'de', '14 Tage'],
    ['PT90M', 'en', '1 hour, 30 minutes'],
    ['PT0.5S', 'en', '0.5 seconds'],
    ['PT0S', 'en', '0 seconds'],
    ['P0D', 'de', '0 Sekunden'],
  ])('%s is written in %s as %s', (duration, locale, text) => {
    expect(durationText(duration, locale)).toBe(text);
  });
});
