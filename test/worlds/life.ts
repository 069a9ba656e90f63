import type { Pool } from '../../db/pool.ts';
import { Dice } from '../support/dice.ts';
import { drawSteps } from './action.ts';
import type { Step } from './action.ts';
import { allActions } from './actions.ts';
import { BrokenInvariant } from './broken-invariant.ts';
import { checkBooks } from './checks/books.ts';
import { checkCommissions } from './checks/commissions.ts';
import { checkCredits } from './checks/credits.ts';
import { checkExplanations } from './checks/explanations.ts';
import { Known } from './checks/known.ts';
import { checkLocks, lockedShares } from './checks/locks.ts';
import type { LockedShares } from './checks/locks.ts';
import { drawPolicy } from './draft.ts';
import type { WorldProvider } from './provider.ts';
import { World } from './world.ts';

export interface Life {
  seed: number;
  steps: number;
  /** The numbers of the steps that are taken; absent: all. */
  only?: readonly number[];
}

export interface Ending {
  taken: readonly Step[];
  /** Null when every invariant held. `kind` tells failures of one cause from others; `at` is the step after which it showed. */
  failure: { kind: string; message: string; at: number } | null;
  paid: number;
}

/** After so many steps everything is looked at. */
const LOOK_EVERY = 5;

/** Lives one world: the steps of its seed, with a look at every invariant each few of them and at the end. */
export async function live(pool: Pool, provider: WorldProvider, { seed, steps, only }: Life): Promise<Ending> {
  const drawn = drawSteps(allActions(provider), seed, steps);
  const taken = only === undefined ? drawn : drawn.filter(({ no }) => only.includes(no));
  const world = await World.make(pool, { policy: drawPolicy(new Dice(seed)) });
  let locked: LockedShares = new Map();
  let at = 0;
  try {
    for (const [index, step] of taken.entries()) {
      at = step.no;
      await step.run(world);
      if ((index + 1) % LOOK_EVERY === 0 || index === taken.length - 1) locked = await look(world, locked);
    }
    return { taken, failure: null, paid: world.paid };
  } catch (error) {
    const { message, stack } = error as Error;
    const failure =
      error instanceof BrokenInvariant
        ? { kind: error.kind, message, at }
        : { kind: message.replaceAll(/\w+_[a-z0-9]{26}|\d+/g, '#'), message: stack ?? message, at };
    return { taken, failure, paid: world.paid };
  }
}

/** Every invariant; throws BrokenInvariant. @returns the locked shares, for the next look */
export async function look(world: World, before: LockedShares): Promise<LockedShares> {
  await world.drain();
  const known = await Known.read(world);
  checkCredits(known);
  await checkCommissions(world, known);
  await checkBooks(world);
  await checkExplanations(world, known);
  const now = lockedShares(known);
  checkLocks(before, now, world.mayMoveLocked);
  world.mayMoveLocked = false;
  return now;
}
