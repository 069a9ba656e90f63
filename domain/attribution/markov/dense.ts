import type { Component } from './solve.ts';

/**
 * Solves x = r + Qx for one component by elimination of states (Grassmann, Taksar and Heyman): every step adds, multiplies and
 * divides positive numbers and never subtracts, so nothing cancels, however slowly the component is left.
 */
export function solveDense(component: Component): { conversion: Float64Array; value: Float64Array } {
  const { size } = component;
  const steps = denseSteps(component);
  const conversion = Float64Array.from(component.conversion);
  const value = Float64Array.from(component.value);
  const away = Float64Array.from(component.away);

  for (let last = size - 1; last > 0; last -= 1) {
    const pivot = pivotOf(steps, size, last, away[last]!);
    for (let at = 0; at < last; at += 1) {
      const through = steps[at * size + last]! / pivot;
      if (through === 0) continue;
      for (let to = 0; to < last; to += 1) {
        if (to !== at) steps[at * size + to]! += through * steps[last * size + to]!;
      }
      conversion[at]! += through * conversion[last]!;
      value[at]! += through * value[last]!;
      away[at]! += through * away[last]!;
    }
  }
  for (let at = 0; at < size; at += 1) {
    const pivot = pivotOf(steps, size, at, away[at]!);
    for (let to = 0; to < at; to += 1) {
      conversion[at]! += steps[at * size + to]! * conversion[to]!;
      value[at]! += steps[at * size + to]! * value[to]!;
    }
    conversion[at]! /= pivot;
    value[at]! /= pivot;
  }
  return { conversion, value };
}

/** Steps between different states; staying in place is already divided out through the pivots. */
function denseSteps({ size, rows, targets, probabilities }: Component): Float64Array {
  const steps = new Float64Array(size * size);
  for (let at = 0; at < size; at += 1) {
    for (let step = rows[at]!; step < rows[at + 1]!; step += 1)
      steps[at * size + targets[step]!]! += probabilities[step]!;
  }
  return steps;
}

/** The chance of going from `at` anywhere but to states that were eliminated before it and to itself. */
function pivotOf(steps: Float64Array, size: number, at: number, away: number): number {
  let sum = away;
  for (let to = 0; to < at; to += 1) sum += steps[at * size + to]!;
  return sum;
}
