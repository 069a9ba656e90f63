import { describe, expect, it } from '@jest/globals';
import { CHECKS, runCheck } from './checks.ts';

describe('the whole tree', () => {
  it.each(CHECKS)('holds: $name', (check) => {
    expect(runCheck(check)).toBeNull();
  });

  it('fails where a check fails or cannot run', () => {
    const failing = {
      name: 'a',
      remedy: '',
      command: ['node_modules/.bin/tsc', '--noEmit', '--project', 'nowhere.json'],
    };
    expect(runCheck({ ...failing, command: ['node_modules/.bin/tsc', '--project', 'nowhere.json'] })).toContain(
      'nowhere.json',
    );
    expect(runCheck({ ...failing, command: ['node_modules/.bin/no-such-program'] })).toContain('ENOENT');
  });
});
