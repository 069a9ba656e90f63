import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Activities } from '../../../activities/index.ts';
import { eventually } from '../../support/eventually.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let world: World;
/** While it is set, the activity of that name waits for `gate` before it begins. */
let held: keyof Activities | undefined;
let gate: Promise<void>;
let open: () => void;
let hasCome: boolean;

function hold(name: keyof Activities): void {
  held = name;
  hasCome = false;
  gate = new Promise((resolve) => (open = resolve));
}

function heldBack<Name extends keyof Activities>(activities: Activities, name: Name): Activities[Name] {
  const activity = activities[name] as (...args: unknown[]) => Promise<unknown>;
  return (async (...args: unknown[]) => {
    if (held === name) {
      held = undefined;
      hasCome = true;
      await gate;
    }
    return activity(...args);
  }) as Activities[Name];
}

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startTestPostgres(), startTestTemporal()]);
  world = new World(temporal, postgres);
  world.between = (activities) => ({
    ...activities,
    offerContract: heldBack(activities, 'offerContract'),
    putInForce: heldBack(activities, 'putInForce'),
  });
  await world.start(['journeys']);
});
afterAll(async () => {
  await world.stop();
  await temporal.stop();
  await postgres.stop();
});

const versions = async (partnerId: string) =>
  (
    await world.rows<{ version: number }>(
      `select version from contract_fact where partner_id = $1 and kind = 'in-force' order by version`,
      [partnerId],
    )
  ).map(({ version }) => version);
const until = (condition: () => boolean) => eventually(async () => expect(condition()).toBe(true), 15_000);

/** Seconds since the contract began, and so many more, as a term. */
async function termOver(partnerId: string, inMs: number): Promise<{ expires: string; atMs: number }> {
  const [{ at }] = await world.rows('select at from contract_fact where partner_id = $1', [partnerId]);
  const seconds = Math.ceil((Date.now() + inMs - at.getTime()) / 1_000);
  return { expires: `PT${seconds}S`, atMs: at.getTime() + seconds * 1_000 };
}

describe('an amendment at the last minute', () => {
  it('that is being put in force when the contract expires still makes it longer', async () => {
    const partnerId = await world.activate();
    const { expires, atMs } = await termOver(partnerId, 2_000);
    await world.amend(partnerId, 'replace', { expires });
    hold('putInForce');
    const longer = world.amend(partnerId, 'replace', { expires: 'P1Y' });
    await until(() => hasCome && Date.now() > atMs + 500);
    expect(await world.status(partnerId)).toBe('active');
    open();
    expect(await longer).toMatchObject({ version: 3 });
    expect(await world.change(partnerId, 'pause')).toEqual({ status: 'paused' });
  });

  it('that comes when the contract has ended is refused, and puts nothing in force', async () => {
    const partnerId = await world.activate();
    hold('offerContract');
    const tooLate = world.amend(partnerId, 'replace', { hold: 'P7D' });
    await until(() => hasCome);
    expect(await world.change(partnerId, 'end')).toEqual({ status: 'ended' });
    open();
    await expect(tooLate).rejects.toMatchObject({ cause: { type: 'illegal-transition' } });
    expect(await versions(partnerId)).toEqual([1]);
    expect(await world.rows('select state from contract where partner_id = $1', [partnerId])).toEqual([
      { state: 'ended' },
    ]);
  });
});
