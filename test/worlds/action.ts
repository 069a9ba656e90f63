import { Dice } from '../support/dice.ts';
import type { World } from './world.ts';

/** One thing that happens to a world. Its seed and its number say which, so both repeat it; `args` only tell of it. */
export interface Step {
  no: number;
  name: string;
  args: object;
  run(world: World): Promise<void>;
}

export interface Action {
  /** How often it is drawn beside the others; 0: only within another step. */
  weight: number;
  draw(dice: Dice, no: number): Omit<Step, 'no' | 'name'>;
}

/** By the name that a failing world prints. */
export type Actions = Record<string, Action>;

/**
 * @param draw what the dice decide, without a look at the world: a world with fewer steps draws the same for those that are left
 * @param run does it to the world; what the world has nothing for, it leaves out
 */
export function action<Args extends object>(
  weight: number,
  draw: (dice: Dice, no: number) => Args,
  run: (world: World, args: Args, no: number) => Promise<void>,
): Action {
  return {
    weight,
    draw: (dice, no) => {
      const args = draw(dice, no);
      return { args, run: (world) => run(world, args, no) };
    },
  };
}

/** Steps of a world: each with dice of its own, so that one that draws more moves none of the others. */
export function drawSteps(actions: Actions, seed: number, length: number): Step[] {
  const names = Object.keys(actions).filter((name) => actions[name]!.weight > 0);
  return Array.from({ length }, (_, no) => {
    const dice = new Dice(Math.imul(seed, 7_919) + Math.imul(no, 104_729));
    let left = dice.whole(names.reduce((sum, name) => sum + actions[name]!.weight, 0));
    const name = names.find((one) => (left -= actions[one]!.weight) < 0)!;
    return drawStep(actions, name, dice, no);
  });
}

export function drawStep(actions: Actions, name: string, dice: Dice, no: number): Step {
  return { no, name, ...actions[name]!.draw(dice, no) };
}

/** These fields once in `oneIn`, else none. */
export function sometimes<Fields extends object>(dice: Dice, oneIn: number, fields: Fields): Partial<Fields> {
  return dice.whole(oneIn) === 0 ? fields : {};
}
