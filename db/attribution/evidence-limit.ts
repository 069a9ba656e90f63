import type { ConversionState } from '../queries/credit.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import { compareInstants } from '../../domain/time/instant.ts';

/** From when on facts are not read, and what is sealed: both decide which evidence counts. */
export interface Evidence {
  horizon: string;
  sealedAt: string;
  /** A study looks at all evidence before the horizon, for locked conversions too. */
  isEvidenceUnlimited?: boolean;
}

/** Whether a window that holds a credit of it is locked. */
export function isFrozen(state: ConversionState | undefined, sealedAt: string): boolean {
  return state?.locksAt != null && isBefore(state.locksAt, sealedAt, true);
}

/** No limit while the conversion is open; then the later of its lock and the cut of the evaluation in force for it. */
export function evidenceLimit(
  state: ConversionState | undefined,
  rule: PolicyInForce | null,
  { horizon, sealedAt, isEvidenceUnlimited }: Evidence,
): string {
  if (isEvidenceUnlimited || !isFrozen(state, sealedAt)) return horizon;
  const locksAt = state!.locksAt!;
  return rule?.cutAt && compareInstants(rule.cutAt, locksAt) > 0 ? rule.cutAt : locksAt;
}

/** Compares instants of which either may be infinite. */
export function isBefore(a: string, b: string, orEqual = false): boolean {
  if (a === b) return orEqual;
  if (a === '-infinity' || b === 'infinity') return true;
  if (a === 'infinity' || b === '-infinity') return false;
  const order = compareInstants(a, b);
  return order < 0 || (orEqual && order === 0);
}
