import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isPlaceholder, MOST_IDS, readIdentity, unionOf } from '../../../domain/attribution/identity.ts';
import type { MergeFact } from '../../../domain/attribution/identity.ts';

const merge = (a: string, b: string, undone = false): MergeFact => ({ id: `${a}-${b}`, a, b, undone });

describe('identities', () => {
  it.each(['', '  ', '0', '000', 'null', 'NULL', 'anonymous', 'Undefined', '00000000-0000-0000-0000-000000000000'])(
    'refuse "%s" as nobody',
    (value) => {
      expect(isPlaceholder(value)).toBe(true);
    },
  );

  it('keep the ids that name somebody, and tell the others', () => {
    expect(readIdentity({ visitorId: ' v1 ', customerId: 'null', emailHash: 'x'.repeat(300) })).toEqual({
      keys: [{ field: 'visitorId', value: 'v1' }],
      refused: [
        { field: 'customerId', reason: 'placeholder' },
        { field: 'emailHash', reason: 'too-long' },
      ],
    });
    expect(readIdentity({})).toEqual({ keys: [], refused: [] });
  });

  it('join what was merged, and part what was undone', () => {
    const log = [merge('b', 'c'), merge('a', 'b'), merge('x', 'y')];
    expect([...unionOf(log).groups.values()]).toEqual([
      ['a', 'b', 'c'],
      ['x', 'y'],
    ]);
    expect([...unionOf([merge('b', 'c'), merge('a', 'b', true)]).groups.values()]).toEqual([['a'], ['b', 'c']]);
  });

  it('refuse a person of more than fifty ids, and keep the fifty', () => {
    const log = Array.from({ length: 60 }, (_, index) => merge('a', `z${index}`));
    const { groups, refused } = unionOf(log);
    expect(groups.get('a')).toHaveLength(MOST_IDS);
    expect(refused).toHaveLength(11);
  });

  it('do not depend on the order of merges while they are small', () => {
    const id = fc.integer({ min: 0, max: 20 }).map(String);
    const logs = fc
      .array(fc.tuple(id, id), { maxLength: 25 })
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(logs, ([log, other]) => {
        const groups = (pairs: [string, string][]) => unionOf(pairs.map(([a, b]) => merge(a, b))).groups;
        expect(groups(other)).toEqual(groups(log));
      }),
    );
  });
});
