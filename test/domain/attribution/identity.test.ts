import { describe, expect, it } from '@jest/globals';
import { isPlaceholder } from '../../../domain/attribution/identity.ts';

describe('identities', () => {
  it.each(['', '  ', '0', '000', 'null', 'NULL', 'anonymous', 'Undefined', '00000000-0000-0000-0000-000000000000'])(
    'refuse "%s" as nobody',
    (value) => {
      expect(isPlaceholder(value)).toBe(true);
    },
  );

  it.each(['v1', 'a0', '10', 'nobody@', 'null-island'])('take "%s" for somebody', (value) => {
    expect(isPlaceholder(value)).toBe(false);
  });
});
