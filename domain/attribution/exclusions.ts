import { matchesFilter } from './filter.ts';
import type { Step } from './journey.ts';
import type { Exclusion } from './policy.ts';

/**
 * Marks excluded touchpoints. `always` first; then `unless-only`: matching ones lose their credit only if another eligible
 * touchpoint is left that no exclusion matches; if only such ones are there, none of them is excluded.
 */
export function applyExclusions(steps: readonly Step[], exclusions: readonly Exclusion[]): Step[] {
  const matches = (step: Step, mode: Exclusion['mode']) =>
    step.reason === null &&
    exclusions.some((exclusion) => exclusion.mode === mode && matchesFilter(exclusion, step.touchpoint));
  const left = steps.map((step) => (matches(step, 'always') ? excluded(step) : step));
  const hasOther = left.some((step) => step.reason === null && !matches(step, 'unless-only'));
  return hasOther ? left.map((step) => (matches(step, 'unless-only') ? excluded(step) : step)) : left;
}

function excluded(step: Step): Step {
  return { ...step, reason: 'excluded-channel' };
}
