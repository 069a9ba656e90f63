import { afterAll, beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import type { IntakeResult } from '../../../db/intake/result.ts';
import { repeatedTransactions } from '../../../db/transaction.ts';
import { aProgram } from '../../support/ground.ts';
import { IntakeGround, sale } from './intake-ground.ts';

let ground: IntakeGround;
let programId: string;

beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());
beforeEach(async () => {
  ({ programId } = await aProgram(ground.pool));
});

type Link = readonly [child: string, parent: string | null];

const item = ([externalId, parent]: Link) =>
  sale({ externalId, ...(parent === null ? {} : { parentExternalId: parent }) });
const send = (...links: Link[]) => intakeConversions(ground.pool, programId, links.map(item));
const said = ({ status, code }: IntakeResult) => code ?? status;
/** One after the other, each in a request of its own. */
const sendEach = async (links: readonly Link[]) => {
  const results: string[] = [];
  for (const link of links) results.push(said((await send(link))[0]!));
  return results;
};
const numbers = (many: number) => Array.from({ length: many }, (_, index) => index);

/** How many parents stand above the deepest conversion that is stored; Infinity for a circle. */
async function deepest(): Promise<number> {
  const rows = await ground.rowsOf<{ child: string; parent: string }>(
    programId,
    'select external_id as child, parent_external_id as parent from conversion where program_id = $1 and parent_external_id is not null',
  );
  const parents = new Map(rows.map(({ child, parent }) => [child, parent]));
  const above = ([child]: [string, string]) => {
    let steps = 0;
    for (let at = parents.get(child); at !== undefined; at = parents.get(at)) {
      steps += 1;
      if (steps > parents.size) return Infinity;
    }
    return steps;
  };
  return Math.max(0, ...[...parents].map(above));
}

describe('a circle of parents', () => {
  it('is refused for one of two senders that send its halves at the same time', async () => {
    const before = repeatedTransactions.get('40P01') ?? 0;
    const pairs = await Promise.all(numbers(30).flatMap((n) => [send([`a${n}`, `b${n}`]), send([`b${n}`, `a${n}`])]));
    const outcomes = pairs.flat().map(said).sort();
    expect(outcomes).toEqual([...Array(30).fill('accepted'), ...Array(30).fill('parent-cycle')]);
    expect(await deepest()).toBe(1);
    expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(0);
  });

  it('is refused when a parent that was named before it came closes it', async () => {
    expect(
      await sendEach([
        ['c', 'b'],
        ['b', 'a'],
        ['a', 'c'],
        ['a', null],
      ]),
    ).toEqual(['accepted', 'accepted', 'parent-cycle', 'accepted']);
  });

  it('of 130 is never stored, one after the other in either direction', async () => {
    const names = numbers(130);
    const up = names.map((n): Link => [`u${n}`, `u${(n + 1) % 130}`]);
    const down = names.map((n): Link => [`d${n}`, `d${(n + 1) % 130}`]).toReversed();
    for (const links of [up, down]) {
      const results = await sendEach(links);
      expect(results.filter((result) => result !== 'accepted').length).toBeGreaterThan(0);
    }
    expect(await deepest()).toBeLessThanOrEqual(100);
  });

  it('says which field and which conversions', async () => {
    const [, second] = await send(['a', 'b'], ['b', 'a']);
    expect(second!.detail).toBe('parentExternalId: "b" would be its own ancestor through "a".');
  });
});

describe('a line of parents', () => {
  it('has at most 100 above a conversion, sent from its first to its last', async () => {
    const results = await sendEach([['n0', null], ...numbers(102).map((n): Link => [`n${n + 1}`, `n${n}`])]);
    expect(results.map((result, n) => (result === 'accepted' ? '' : `${n} ${result}`)).filter(Boolean)).toEqual([
      '101 too-many-parents',
    ]);
    // n102 names n101, which was refused and may still come in another place.
    expect(await deepest()).toBe(100);
  });

  it('has at most 100 above a conversion, sent from its last to its first', async () => {
    const results = await sendEach(numbers(102).map((n): Link => [`n${102 - n}`, `n${101 - n}`]));
    expect(results.map((result, n) => (result === 'accepted' ? '' : `n${102 - n} ${result}`)).filter(Boolean)).toEqual([
      'n2 too-many-parents',
    ]);
    expect(await deepest()).toBe(100);
  });

  it('counts what hangs below a conversion that comes late, in one batch or over several', async () => {
    const lower = numbers(60).map((n): Link => [`low${n}`, n === 59 ? 'middle' : `low${n + 1}`]);
    const upper = numbers(60).map((n): Link => [`up${n}`, n === 59 ? 'top' : `up${n + 1}`]);
    expect((await send(...lower, ...upper)).map(said)).toEqual(Array(120).fill('accepted'));
    const results = await send(['middle', 'up0'], ['middle', 'up20'], ['middle', 'up21']);
    expect(results.map(said)).toEqual(['too-many-parents', 'too-many-parents', 'accepted']);
    expect(await deepest()).toBe(100);
    expect(results[0]!.detail).toBe(
      'parentExternalId: With "up0" above "middle", more than 100 conversions would stand one above the other. Name the first one in all renewals.',
    );
    expect((await send(['top', 'one-more'])).map(said)).toEqual(['too-many-parents']);
    expect((await send(['top', null])).map(said)).toEqual(['accepted']);
  });

  it('may be wide: a first order has any number of renewals', async () => {
    const renewals = numbers(900).map((n): Link => [`r${n}`, 'first']);
    expect((await send(...renewals)).map(said)).toEqual(Array(900).fill('accepted'));
    expect((await send(['first', 'order'])).map(said)).toEqual(['accepted']);
  });
});

describe('an item that is not stored', () => {
  it('stands in the way of no other: without a person, used again, or repeated', async () => {
    await send(['known', null]);
    const nobody = { ...item(['x', 'y']), identity: {} };
    const results = await intakeConversions(ground.pool, programId, [
      nobody,
      item(['y', 'x']),
      item(['known', 'z']),
      item(['z', 'known']),
      item(['p', 'q']),
      item(['p', 'other']),
      item(['other', 'p']),
      item(['p', 'q']),
    ]);
    expect(results.map(said)).toEqual([
      'no-identity',
      'accepted',
      'id-reused',
      'accepted',
      'accepted',
      'id-reused',
      'accepted',
      'duplicate',
    ]);
  });
});

it('makes a tree of whatever senders say in whatever order', async () => {
  const name = fc.integer({ min: 0, max: 14 }).map((n) => `n${n}`);
  const link = fc.tuple(name, fc.option(name, { freq: 6 }));
  const batches = fc.array(fc.array(link, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(batches, async (sent) => {
      ({ programId } = await aProgram(ground.pool));
      const results = await Promise.all(sent.map((links) => send(...links)));
      expect(await deepest()).toBeLessThan(15);
      // Whoever sends all of it again hears the same, but for what could be stored since.
      const again = await Promise.all(sent.map((links) => send(...links)));
      expect(await deepest()).toBeLessThan(15);
      const was = results.flat().map(({ status }) => status);
      for (const [index, { status }] of again.flat().entries())
        if (was[index] === 'accepted') expect(status).toBe('duplicate');
    }),
    { numRuns: 25 },
  );
}, 60_000);
