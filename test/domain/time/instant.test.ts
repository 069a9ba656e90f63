import { describe, expect, it } from '@jest/globals';
import { compareInstants, epochMicros, instantOfMicros, isInstant, isoInstant } from '../../../domain/time/instant.ts';

describe('instants', () => {
  it('keeps the microseconds that PostgreSQL stores', () => {
    expect(epochMicros('2026-01-01T00:00:00.000001Z') - epochMicros('2026-01-01T00:00:00Z')).toBe(1);
    expect(compareInstants('2026-01-01T00:00:00.123456Z', '2026-01-01T00:00:00.123457Z')).toBeLessThan(0);
  });

  it('reads short fractions as what they are', () => {
    expect(epochMicros('1970-01-01T00:00:00.1Z')).toBe(100_000);
    expect(epochMicros('1970-01-01T00:00:01.0000019Z')).toBe(1_000_001);
  });

  it('compares across offsets', () => {
    expect(compareInstants('2026-01-01T01:30:00+01:30', '2026-01-01T00:00:00Z')).toBe(0);
    expect(compareInstants('2026-01-01T00:00:00-05:00', '2026-01-01T05:00:00.5Z')).toBeLessThan(0);
  });

  it.each([
    '2026-02-31T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    'now',
    '2026-13-01T00:00:00Z',
  ])('refuses %s', (text) => {
    expect(isInstant(text)).toBe(false);
  });

  it.each(['1900-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59+14:00', '2026-06-30t12:00:00z'])(
    'takes %s',
    (text) => {
      expect(isInstant(text)).toBe(true);
    },
  );

  it.each([
    '0000-01-01T00:00:00Z',
    '0099-06-30T00:00:00Z',
    '1899-12-31T23:59:59.999999Z',
    '1900-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2026-01-01T00:00:00-16:00',
    '2026-01-01T00:00:00+01:99',
  ])('refuses %s, which not everything that reads instants takes', (text) => {
    expect(isInstant(text)).toBe(false);
  });

  it('counts the years of one and two digits as what they are', () => {
    expect(epochMicros('0071-01-01T00:00:00Z')).toBeLessThan(epochMicros('1684-01-01T00:00:00Z'));
    expect(epochMicros('0000-02-29T00:00:00Z')).toBe(Date.UTC(400, 1, 29) * 1_000 - 146_097 * 86_400_000_000);
  });

  it('writes UTC with milliseconds', () => {
    expect(isoInstant(0)).toBe('1970-01-01T00:00:00.000Z');
  });

  it.each(['1969-12-31T23:59:59.999999Z', '2026-06-30T12:00:00.000001Z', '2026-06-30T12:00:00.120000Z'])(
    'writes the microseconds of %s as it read them',
    (text) => {
      expect(instantOfMicros(epochMicros(text))).toBe(text);
    },
  );
});
