import { compareInstants } from '../time/instant.ts';

/** An interval in which a policy version holds for its types. `execution` orders re-evaluations: 0 for an ordinary start. */
export interface PolicySpan {
  policyId: string;
  conversionTypes: readonly string[];
  from: string;
  /** Exclusive; null: until further notice. */
  to: string | null;
  execution: number;
}

/**
 * The span in force for a type at an instant: an exact type beats `*`; of several, the newest executed re-evaluation wins, then
 * the latest start. Null when no policy speaks of it.
 */
export function policyInForce<T extends PolicySpan>(spans: readonly T[], type: string, at: string): T | null {
  const holds = spans.filter(
    (span) => compareInstants(span.from, at) <= 0 && (span.to === null || compareInstants(at, span.to) < 0),
  );
  const exact = holds.filter(({ conversionTypes }) => conversionTypes.includes(type));
  const candidates = exact.length > 0 ? exact : holds.filter(({ conversionTypes }) => conversionTypes.includes('*'));
  return candidates.reduce<T | null>((best, span) => (best === null || isNewer(span, best) ? span : best), null);
}

function isNewer(a: PolicySpan, b: PolicySpan): boolean {
  return a.execution !== b.execution ? a.execution > b.execution : compareInstants(a.from, b.from) > 0;
}
