import { parseDuration } from './duration.ts';

/**
 * A duration in words of a language, the parts that are not zero: `1 year, 6 months`, `30 Tage`; `0 seconds` where all are.
 * @param duration ISO 8601
 * @throws DomainError `invalid`
 */
export function durationText(duration: string, locale: string): string {
  const { months, days, ms } = parseDuration(duration);
  const seconds = ms / 1_000;
  const parts: [number, string][] = [
    [Math.floor(months / 12), 'year'],
    [months % 12, 'month'],
    [days, 'day'],
    [Math.floor(seconds / 3_600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ];
  const told = parts.filter(([count]) => count > 0);
  return (told.length > 0 ? told : parts.slice(-1))
    .map(([count, unit]) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count))
    .join(', ');
}
