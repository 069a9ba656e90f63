import { describe, expect, it } from '@jest/globals';
import { isPlaceholder } from '../../../domain/attribution/identity.ts';

describe('identities', () => {
  it.each(['', '  ', '0', '000', 'null', 'NULL', 'anonymous', 'Undefined', '00000000-0000-0000-0000-000000000000'])(
    'refuse "%s" as nobody',
    (value) => {
      expect(isPlaceholder(value)).toBe(true);
    },
  );

  it.each([
    ...['-1', 'nil', 'none', 'unknown', 'guest', 'Guest', 'n/a', 'na', 'NaN', 'false', 'true', 'test'],
    ...['(not set)', '[object Object]', '[]', '{}'],
  ])('refuse %j as a word of a system for nobody', (value) => {
    expect(isPlaceholder(value)).toBe(true);
  });

  it.each([
    '-',
    '--',
    '""',
    '"null"',
    "'0'",
    '0.0',
    '{{customer.id}}',
    '${id}',
    '%%email%%',
    '*|EMAIL|*',
    'null\u200B',
  ])('refuse %j as nobody', (value) => {
    expect(isPlaceholder(value)).toBe(true);
  });

  it.each([
    'v1',
    'a0',
    '10',
    '0.1',
    '0-0-1',
    'nobody@',
    'null-island',
    '"v1"',
    '{5f1c1c2e-9d3b-4a53-8d2e-0d6a3c1b2e4f}',
    'guest-7',
    'a{{b}}',
    '$1',
  ])('take "%s" for somebody', (value) => {
    expect(isPlaceholder(value)).toBe(false);
  });
});
