import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { amountsByChannel } from '../../../domain/commission/channel-amount.ts';

const part = (channel: string, minor: number) => ({ channel, minor });

describe('a commission by channel', () => {
  it('is what the rules made of each channel, a bonus with its channel', () => {
    const parts = [part('video', 300), part('blog', 100), part('video', 50)];
    expect(amountsByChannel(450, parts, [])).toEqual([part('blog', 100), part('video', 350)]);
  });

  it('follows the rules in proportion where a cap cut it, and the value where no rule is known', () => {
    expect(amountsByChannel(200, [part('video', 300), part('blog', 100)], [])).toEqual([
      part('blog', 50),
      part('video', 150),
    ]);
    expect(amountsByChannel(-10, [], [part('b', 1), part('a', 1)])).toEqual([part('a', -5), part('b', -5)]);
    expect(amountsByChannel(7, [], [])).toEqual([part('', 7)]);
    expect(amountsByChannel(0, [part('video', 300)], [])).toEqual([]);
  });

  it('sums to the commission exactly', () => {
    const parts = fc.array(
      fc.record({ channel: fc.constantFrom('a', 'b', 'c'), minor: fc.integer({ min: -900, max: 900 }) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), parts, parts, (minor, ruled, credited) => {
        const sum = amountsByChannel(minor, ruled, credited).reduce((all, amount) => all + amount.minor, 0);
        expect(sum + 0).toBe(minor + 0);
      }),
    );
  });
});
