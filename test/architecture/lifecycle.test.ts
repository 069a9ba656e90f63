import { describe, expect, it } from '@jest/globals';
import { PARTNER_STATES } from '../../domain/partner/lifecycle.ts';
import { refreshPage } from './lifecycle-page.ts';
import { readText } from './tree.ts';

describe('docs/lifecycle.md', () => {
  it('shows the rules as they stand in domain/ (else: npm run docs)', () => {
    const page = readText('docs/lifecycle.md');
    expect(page).toBe(refreshPage(page));
  });

  it('explains every state once', () => {
    const [, states = ''] = readText('docs/lifecycle.md').split(/^## States$/m);
    const named = [...(states.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]);
    expect(named.toSorted()).toEqual([...PARTNER_STATES].toSorted());
  });

  it('is noticed when it tells something else', () => {
    const page = readText('docs/lifecycle.md').replace('active --> paused: pause', 'active --> ended: pause');
    expect(refreshPage(page)).not.toBe(page);
  });
});
