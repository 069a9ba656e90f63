import { invalid } from '../../errors.ts';
import type { Chain } from './chain.ts';
import { componentsOf } from './components.ts';
import { solveDense } from './dense.ts';

/** Components up to this size are solved by elimination; larger ones by sweeps that prove their own error. */
const DENSE_STATES = 40;
/** A component that mixes too slowly for sweeps is eliminated after all, up to this size. */
const MOST_DENSE_STATES = 1_500;
const FIRST_SWEEPS = 400;
const PRECISION = 1e-13;

/** A chain that takes more multiply-adds than this, about ten seconds of one core, is refused. */
export const MOST_WORK = 10_000_000_000;
/** Of one step, in multiply-adds: of three sums that are swept, and of finding components and writing their equations. */
const SWEPT_STEP_WORK = 4;
const READING_WORK = 100;

/** What one journey is expected to bring: the probability that it converts, and its mean value. */
export interface Expectation {
  conversion: number;
  value: number;
}

/** With what is expected from each state on, and the components, each after those it leads to. */
export interface SolvedChain extends Expectation {
  conversions: Float64Array;
  values: Float64Array;
  components: Int32Array[];
  /** What it took, in multiply-adds. */
  work: number;
}

/**
 * Solves the absorbing chain, with the states that `keeps` refuses turned into nulls: x = r + Qx, component by component, each
 * after those it leads to. No simulation; the error of every state is below 1e-12.
 */
export function solveChain(chain: Chain, keeps: (state: number) => boolean): SolvedChain {
  const conversions = new Float64Array(chain.states);
  const values = new Float64Array(chain.states);
  const components = componentsOf(chain, keeps);
  let work = (chain.states + chain.targets.length) * READING_WORK;
  for (const members of components) {
    work += solveComponent(chain, members, conversions, values, MOST_WORK - work);
  }
  let sum: Expectation = { conversion: 0, value: 0 };
  for (let state = 0; state < chain.states; state += 1) {
    const start = chain.start[state]!;
    if (start === 0 || !keeps(state)) continue;
    sum = { conversion: sum.conversion + start * conversions[state]!, value: sum.value + start * values[state]! };
  }
  return { ...sum, conversions, values, components, work };
}

/** The equations of one component: what its states bring at once or through known states, and the steps within it. */
export interface Component {
  size: number;
  /** Steps within: `targets` are positions in the component. */
  rows: Int32Array;
  targets: Int32Array;
  probabilities: Float64Array;
  /** Chance of leaving the component at once; a sum of what leaves, so that nothing cancels. */
  away: Float64Array;
  /** Chance of going anywhere but to oneself. */
  leaves: Float64Array;
  conversion: Float64Array;
  value: Float64Array;
}

/** Writes what is expected from each member on. @returns the work that it took */
function solveComponent(
  chain: Chain,
  members: Int32Array,
  conversion: Float64Array,
  value: Float64Array,
  mostWork: number,
): number {
  const component = componentOf(chain, members, conversion, value);
  const solved = solutionOf(component, mostWork);
  members.forEach((state, position) => {
    conversion[state] = solved.conversion[position]!;
    value[state] = solved.value[position]!;
  });
  return solved.work;
}

function componentOf(chain: Chain, members: Int32Array, conversion: Float64Array, value: Float64Array): Component {
  const position = new Map<number, number>();
  members.forEach((state, at) => position.set(state, at));
  const size = members.length;
  const rows = new Int32Array(size + 1);
  const targets: number[] = [];
  const probabilities: number[] = [];
  const component = {
    away: Float64Array.from(members, (state) => chain.ends[state]!),
    leaves: new Float64Array(size),
    conversion: Float64Array.from(members, (state) => chain.converts[state]!),
    value: Float64Array.from(members, (state) => chain.values[state]!),
  };
  members.forEach((state, at) => {
    for (let step = chain.rows[state]!; step < chain.rows[state + 1]!; step += 1) {
      const target = chain.targets[step]!;
      const probability = chain.probabilities[step]!;
      const within = position.get(target);
      if (within === at) continue;
      if (within !== undefined) {
        targets.push(within);
        probabilities.push(probability);
        component.leaves[at]! += probability;
      } else {
        component.away[at]! += probability;
        // Already solved, or refused and so worth nothing.
        component.conversion[at]! += probability * conversion[target]!;
        component.value[at]! += probability * value[target]!;
      }
    }
    component.leaves[at]! += component.away[at]!;
    rows[at + 1] = targets.length;
  });
  return {
    size,
    rows,
    targets: Int32Array.from(targets),
    probabilities: Float64Array.from(probabilities),
    ...component,
  };
}

interface Solution extends Pick<Component, 'conversion' | 'value'> {
  work: number;
}

function solutionOf(component: Component, mostWork: number): Solution {
  const { size, targets } = component;
  if (size === 1) {
    const leaves = component.leaves[0]!;
    return {
      conversion: Float64Array.of(component.conversion[0]! / leaves),
      value: Float64Array.of(component.value[0]! / leaves),
      work: 1,
    };
  }
  const dense = () => ({ ...solveDense(component), work: size ** 3 / 3 + size ** 2 });
  if (size <= DENSE_STATES) return dense();
  const swept = sweep(component, FIRST_SWEEPS);
  if (swept) return swept;
  const sweepWork = (size + targets.length) * SWEPT_STEP_WORK;
  if (size <= MOST_DENSE_STATES) {
    const solved = dense();
    return { ...solved, work: solved.work + FIRST_SWEEPS * sweepWork };
  }
  const solved = sweep(component, Math.floor(mostWork / sweepWork));
  if (solved) return solved;
  throw invalid(
    'source',
    `These journeys run in circles through ${size} states for so long that the chain cannot be solved. Choose a lower order or a shorter range.`,
  );
}

/**
 * Gauss–Seidel sweeps. Beside the solution runs `doubt`, which starts at 1 where nothing is known yet and obeys the same steps: the
 * error of a state is at most its doubt times the largest value, so the sweeps end with a proof and not with a guess.
 */
function sweep(component: Component, most: number): Solution | null {
  const { size, rows, targets, probabilities, leaves } = component;
  const conversion = new Float64Array(size);
  const value = new Float64Array(size);
  const doubt = new Float64Array(size).fill(1);
  for (let round = 0; round < most; round += 1) {
    let worst = 0;
    for (let at = 0; at < size; at += 1) {
      let c = component.conversion[at]!;
      let v = component.value[at]!;
      let d = 0;
      for (let step = rows[at]!; step < rows[at + 1]!; step += 1) {
        const target = targets[step]!;
        const probability = probabilities[step]!;
        c += probability * conversion[target]!;
        v += probability * value[target]!;
        d += probability * doubt[target]!;
      }
      conversion[at] = c / leaves[at]!;
      value[at] = v / leaves[at]!;
      doubt[at] = d / leaves[at]!;
      if (doubt[at]! > worst) worst = doubt[at]!;
    }
    if (worst < PRECISION) {
      return { conversion, value, work: (round + 1) * (size + targets.length) * SWEPT_STEP_WORK };
    }
  }
  return null;
}
