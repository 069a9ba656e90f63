import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
// @ts-expect-error Jest loads it without our transform, so it is JavaScript without types.
import { LONG, longFirst } from './long-first-sequencer.js';

describe('the order of the test files', () => {
  it('names files that exist', () => {
    const missing = (LONG as string[]).filter((name) => !existsSync(new URL(`../${name}.test.ts`, import.meta.url)));
    expect(missing).toEqual([]);
  });

  it('starts the long ones first, the longest before all', () => {
    const tests = ['api/money', 'architecture/checks', 'domain/actor', 'e2e/faults'].map((name) => ({
      path: `/a/test/${name}.test.ts`,
    }));
    const sorted: { path: string }[] = longFirst(tests);
    expect(sorted.map(({ path }) => path.slice(8, -8))).toEqual([
      'e2e/faults',
      'architecture/checks',
      'api/money',
      'domain/actor',
    ]);
  });
});
