import type { Step } from './journey.ts';
import type { Transform } from './policy.ts';
import { beneficiaryOf, creditKey } from './touchpoint.ts';

/** Applies transforms in written order; what one of them drops says `collapsed`. Beneficiary and channel make touchpoints alike. */
export function applyTransforms(steps: readonly Step[], transforms: readonly Transform[]): Step[] {
  return transforms.reduce<Step[]>(
    (current, transform) => {
      const counting = current.filter((step) => step.reason === null);
      const kept = new Set(keep(counting, transform));
      return current.map((step) => (step.reason === null && !kept.has(step) ? { ...step, reason: 'collapsed' } : step));
    },
    [...steps],
  );
}

function keep(steps: Step[], transform: Transform): Step[] {
  if (typeof transform === 'object') return steps.slice(-transform.keepLast);
  const keys = steps.map(({ touchpoint }) => creditKey(beneficiaryOf(touchpoint), touchpoint.channel));
  if (transform === 'collapse-repeats') return steps.filter((_, index) => keys[index] !== keys[index + 1]);
  const seen = new Set<string>();
  return steps.filter((_, index) => seen.size < seen.add(keys[index]!).size);
}
