import { describe, expect, it } from '@jest/globals';
import { durationText } from '../../activities/documents/duration-text.ts';

describe('a duration on a document', () => {
  it.each([
    ['P1Y6M', 'en', '1 year, 6 months'],
    ['P1Y', 'de', '1 Jahr'],
    ['P2W', 'de', '14 Tage'],
    ['PT90M', 'en', '1 hour, 30 minutes'],
    ['PT0.5S', 'en', '0.5 seconds'],
  ])('%s is written in %s as %s', (duration, locale, text) => {
    expect(durationText(duration, locale)).toBe(text);
  });
});
