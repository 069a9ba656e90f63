import { describe, expect, it } from '@jest/globals';
import { WaivedFalls } from '../../../domain/commission/waived-falls.ts';

const earned = (amountMinor: number) => ({ kind: 'earned', amountMinor });
const waived = (minor: number) => [
  { kind: 'adjustment', amountMinor: -minor },
  { kind: 'goodwill', amountMinor: minor },
];
const goodwillBack = (minor: number) => ({ kind: 'goodwill', amountMinor: -minor });

describe('goodwill that a rise takes back', () => {
  it.each([
    ['is all of a waived fall that comes back', [earned(1_000), ...waived(400)], 400, 400],
    ['is the part that comes back', [earned(1_000), ...waived(400)], 150, 150],
    ['is no more than was waived', [earned(1_000), ...waived(400)], 900, 400],
    ['is nothing of a fall that was recovered', [earned(1_000), earned(-400)], 400, 0],
    [
      'is nothing while a newer fall that was recovered comes back',
      [earned(1_000), ...waived(500), earned(-500)],
      500,
      0,
    ],
    ['is that of the older fall beyond the newer one', [earned(1_000), ...waived(500), earned(-300)], 500, 200],
    ['is nothing after a sale that came and went', [earned(1_000), ...waived(50), earned(-30)], 30, 0],
    ['is nothing a second time', [earned(1_000), ...waived(400), earned(400), goodwillBack(400)], 400, 0],
    [
      'is what a new waiver gave',
      [earned(1_000), ...waived(400), earned(400), goodwillBack(400), ...waived(100)],
      100,
      100,
    ],
    ['is never more than stands', [earned(1_000), ...waived(400), goodwillBack(300)], 400, 100],
    ['is nothing where nothing fell', [earned(1_000)], 10, 0],
  ])('%s', (_, rows, rise, back) => {
    expect(new WaivedFalls(rows).waivedIn(rise)).toBe(back);
  });
});
