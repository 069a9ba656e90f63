import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adjustmentRows } from '../../../domain/commission/adjustment.ts';
import { placeOf, revise } from '../../../domain/commission/revision.ts';
import { vector } from '../../support/vector.ts';

describe('revisions of a commission', () => {
  it('posts target minus everything so far, and nothing the second time', () => {
    const { commission, expected } = vector('settlement', '4-refund-after-pay');
    expect(revise(0, commission)).toEqual({ kind: 'down', minor: expected['refund after pay'].newRow });
    expect(revise(5_500 + 9_000, 9_000)).toEqual({ kind: 'up', minor: 5_500 });
    expect(revise(0, 0)).toEqual({ kind: 'none' });
  });

  it('takes from where the money stands', () => {
    expect(placeOf({ isWindowLocked: false, isOnStatement: false })).toBe('pending');
    expect(placeOf({ isWindowLocked: true, isOnStatement: false })).toBe('locked');
    expect(placeOf({ isWindowLocked: true, isOnStatement: true })).toBe('payable');
  });
});

describe('adjustments of a re-evaluation', () => {
  it('recovers a loss, or waives it with an equal goodwill row', () => {
    const posted = { minor: 100, goodwillMinor: 0 };
    expect(adjustmentRows(70, posted, 'recover')).toEqual([{ kind: 'adjustment', minor: -30 }]);
    expect(adjustmentRows(70, posted, 'waive')).toEqual([
      { kind: 'adjustment', minor: -30 },
      { kind: 'goodwill', minor: 30 },
    ]);
    expect(adjustmentRows(130, posted, 'waive')).toEqual([{ kind: 'adjustment', minor: 30 }]);
    expect(adjustmentRows(100, posted, 'waive')).toEqual([]);
  });

  it('nets to zero over A, B, A with its goodwill, and posts nothing when a policy runs twice', () => {
    const modes = fc.constantFrom<'recover' | 'waive'>('recover', 'waive');
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), modes, modes, (a, b, first, second) => {
        const posted = { minor: a, goodwillMinor: 0 };
        const run = (target: number, mode: 'recover' | 'waive') => {
          const rows = adjustmentRows(target, posted, mode);
          for (const { kind, minor } of rows) posted[kind === 'goodwill' ? 'goodwillMinor' : 'minor'] += minor;
          return rows;
        };
        run(b, first);
        expect(run(b, second)).toEqual([]);
        run(a, second);
        // What B gave beyond A and A takes away may itself be waived; then it stays with the partner, as goodwill.
        expect(posted.minor).toBe(a);
        expect(posted.goodwillMinor).toBe(second === 'waive' && b > a ? b - a : 0);
      }),
    );
  });
});
