import { durationMs } from '../../time/duration.ts';
import type { Policy } from '../policy.ts';

/** The longest lookback that these policies name, in microseconds: a touchpoint that is older counts only where a contract says so. */
export function reachMicros(policies: readonly Policy[]): number {
  const named = policies.flatMap(({ lookback }) => [
    lookback.default,
    ...Object.values(lookback.byKind),
    ...Object.values(lookback.byChannel),
  ]);
  return named.reduce((longest, text) => Math.max(longest, durationMs(text) * 1_000), 0);
}
