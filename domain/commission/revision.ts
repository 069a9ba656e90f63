/** What must be posted so that everything posted for a conversion reaches its target. */
export type Revision = { kind: 'none' } | { kind: 'up' | 'down'; minor: number };

/**
 * Commission on what remains minus everything posted so far (settlement.md §3). Refunds, late facts and changed windows all end
 * here: the same target twice posts nothing.
 * @returns `minor` > 0 for `up`, < 0 for `down`
 */
export function revise(targetMinor: number, postedMinor: number): Revision {
  const minor = targetMinor - postedMinor;
  if (minor === 0) return { kind: 'none' };
  return { kind: minor > 0 ? 'up' : 'down', minor };
}

/** How far the money of a commission has come. */
export type MoneyPlace = 'pending' | 'locked' | 'payable';

/**
 * The account that a correction downwards debits: where the corrected money stands. Money that was paid already is owed: it
 * debits `payable`, and what the next statement cannot cover becomes `receivable`.
 */
export function placeOf({
  isWindowLocked,
  isOnStatement,
}: {
  isWindowLocked: boolean;
  isOnStatement: boolean;
}): MoneyPlace {
  if (isOnStatement) return 'payable';
  return isWindowLocked ? 'locked' : 'pending';
}
