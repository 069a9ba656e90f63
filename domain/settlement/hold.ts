import { durationMs } from '../time/duration.ts';
import { epochMs } from '../time/instant.ts';

/** Why a commission cannot be stated yet. */
export type HoldReason = 'window-open' | 'hold-time' | 'hold-stands';

export interface HoldFacts {
  windowLocksAtMs: number;
  /** Every hold on this commission or its partner that is neither lifted nor confirmed. */
  standingHolds: number;
  occurredAt: string;
  /** The contract's hold duration. */
  hold: string;
}

/** When the contract's hold time of a conversion is over; it runs from `occurredAt`. Epoch ms. */
export function holdEndsMs(occurredAt: string, hold: string): number {
  return epochMs(occurredAt) + durationMs(hold, 'hold');
}

/**
 * Why a commission is not payable at `nowMs`, or null when it is: its window locked, its hold time over, and no hold standing
 * (settlement.md §2). Holds escalate; they never lapse.
 */
export function heldBecause(facts: HoldFacts, nowMs: number): HoldReason | null {
  if (nowMs < facts.windowLocksAtMs) return 'window-open';
  if (facts.standingHolds > 0) return 'hold-stands';
  return nowMs < holdEndsMs(facts.occurredAt, facts.hold) ? 'hold-time' : null;
}

/**
 * Until when payouts wait after payout details (or the sign-in address) changed; null for the first details that are verified,
 * which start no hold (settlement.md §6). Epoch ms.
 */
export function detailsHoldUntil(
  change: { atMs: number; isFirstVerified: boolean },
  detailsHold: string,
): number | null {
  return change.isFirstVerified ? null : change.atMs + durationMs(detailsHold, 'settings.durations.detailsHold');
}
