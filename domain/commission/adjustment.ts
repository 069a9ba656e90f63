/** A commission row that a re-evaluation posts into the partner's open window. */
export interface AdjustmentRow {
  kind: 'adjustment' | 'goodwill';
  minor: number;
}

/** What stands for one conversion and partner at the cut. */
export interface Posted {
  /** Everything posted, goodwill left out. */
  minor: number;
  /** Goodwill of the falls that the correction undoes, ≥ 0 (`WaivedFalls`). */
  goodwillMinor: number;
}

/**
 * The rows of one conversion and partner when a re-evaluation is carried out: the difference, and under `waive` an equal goodwill
 * row beside a negative one, so that nothing is taken back and both can be seen (attribution.md §7).
 *
 * Goodwill is not part of what a target is compared with, or the same policy run twice would waive twice. A correction upwards takes back the
 * goodwill of what it undoes, so A→B→A nets to zero with its goodwill rows.
 * @param newMinor commission under the new rule on facts received before the cut
 */
export function adjustmentRows(newMinor: number, posted: Posted, downward: 'recover' | 'waive'): AdjustmentRow[] {
  const minor = newMinor - posted.minor;
  if (minor === 0) return [];
  const goodwill = minor < 0 ? (downward === 'waive' ? -minor : 0) : -Math.min(minor, posted.goodwillMinor);
  const row: AdjustmentRow = { kind: 'adjustment', minor };
  return goodwill === 0 ? [row] : [row, { kind: 'goodwill', minor: goodwill }];
}
