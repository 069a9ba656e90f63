/** What is checked again under the partner's lock, in the moment the money goes. */
export interface ReleaseFacts {
  amountMinor: number;
  payableMinor: number;
  approvedBy: readonly string[];
  releasedBy: readonly string[];
  /** Persons needed beyond the approver and the releaser. */
  extraApprovers: number;
  approvedDetailsHash: string;
  currentDetailsHash: string | null;
  detailsHoldUntilMs: number | null;
  nowMs: number;
  standingHolds: number;
  isPartnerPaused: boolean;
}

export type ReleaseFault =
  | 'second-person-missing'
  | 'details-missing'
  | 'details-changed'
  | 'details-on-hold'
  | 'hold-stands'
  | 'partner-paused'
  | 'payable-too-low'
  | 'nothing-to-pay';

/** Why a payout may not be released now, all reasons at once; empty when it may. A rule is no person, and nor is a key. */
export function releaseFaults(facts: ReleaseFacts): ReleaseFault[] {
  const faults: ReleaseFault[] = [];
  const persons = new Set([...facts.approvedBy, ...facts.releasedBy]);
  const hasBoth = facts.approvedBy.length > 0 && facts.releasedBy.some((person) => !facts.approvedBy.includes(person));
  if (!hasBoth || persons.size < 2 + facts.extraApprovers) faults.push('second-person-missing');
  if (facts.currentDetailsHash === null) faults.push('details-missing');
  else if (facts.currentDetailsHash !== facts.approvedDetailsHash) faults.push('details-changed');
  if (facts.detailsHoldUntilMs !== null && facts.nowMs < facts.detailsHoldUntilMs) faults.push('details-on-hold');
  if (facts.standingHolds > 0) faults.push('hold-stands');
  if (facts.isPartnerPaused) faults.push('partner-paused');
  if (facts.amountMinor <= 0) faults.push('nothing-to-pay');
  if (facts.payableMinor < facts.amountMinor) faults.push('payable-too-low');
  return faults;
}
