import { allocate } from '../money/allocate.ts';
import { compareText } from './journey.ts';
import { SHARES, sharesOf } from './shares.ts';
import { UNATTRIBUTED, UNATTRIBUTED_CHANNEL } from './touchpoint.ts';
import type { Beneficiary } from './touchpoint.ts';

/** The exact weight of one beneficiary on one channel. `firstTouchAt` is its earliest touchpoint with weight; null for the programme. */
export interface Claim {
  beneficiary: Beneficiary;
  channel: string;
  weight: bigint;
  firstTouchAt: string | null;
  firstTouchMicros: number;
}

/** One credit: the share of a conversion in units of 10⁻¹², and the money in smallest units of its currency. */
export interface Credit {
  beneficiary: Beneficiary;
  channel: string;
  shareE12: number;
  minor: number;
  firstTouchAt: string | null;
}

/** A share without money yet, as a renewal inherits it from its parent. */
export type Share = Omit<Credit, 'minor'>;

/**
 * Splits a value over claims: weights → integer shares → smallest units, both by largest remainder, ties by earlier first
 * touchpoint, then beneficiary id, then channel (attribution.md §4). Without any weight everything is `unattributed`.
 * @param minor what remains of the conversion's value after refunds, any sign
 * @throws DomainError `invalid` for a negative weight, which no policy that was read can give
 */
export function splitValue(minor: number, claims: readonly Claim[]): Credit[] {
  const sorted = [...claims].sort(byTieBreak);
  if (sorted.every(({ weight }) => weight === 0n)) return [unattributed(minor)];
  const shares = sharesOf(sorted.map(({ weight }) => weight));
  const parts = allocate(minor, shares);
  return sorted.flatMap(({ beneficiary, channel, firstTouchAt }, index) => {
    const credit = { beneficiary, channel, shareE12: shares[index]!, minor: parts[index]!, firstTouchAt };
    return credit.shareE12 === 0 ? [] : [credit];
  });
}

/**
 * The credits of a conversion that inherits its parent's shares (renewal, instalment). Shares of partners whose contract is no
 * longer in force go to the programme, visibly. No touchpoint earned them here, so ties fall to the next criteria of attribution.md §4,
 * beneficiary id and channel: whoever computes it, in whatever order the shares come, gives each the same.
 */
export function inheritShares(
  minor: number,
  parent: readonly Share[],
  isInForce: (partnerId: string) => boolean,
): Credit[] {
  const lost = ({ beneficiary }: Share) => beneficiary.kind === 'partner' && !isInForce(beneficiary.id);
  const kept = parent.filter((share) => share.beneficiary.kind !== 'program' && !lost(share));
  const rest = SHARES - kept.reduce((sum, { shareE12 }) => sum + shareE12, 0);
  const shares: Share[] = [...kept].sort(byName);
  if (rest > 0) shares.push({ ...unattributed(0), shareE12: rest });
  const parts = allocate(
    minor,
    shares.map(({ shareE12 }) => shareE12),
  );
  return shares.map((share, index) => ({ ...share, minor: parts[index]! }));
}

function unattributed(minor: number): Credit {
  return { beneficiary: UNATTRIBUTED, channel: UNATTRIBUTED_CHANNEL, shareE12: SHARES, minor, firstTouchAt: null };
}

function byTieBreak(a: Claim, b: Claim): number {
  // Infinity − Infinity is no number; two programme parts never meet, but a comparator must not rely on it.
  const first = a.firstTouchMicros === b.firstTouchMicros ? 0 : a.firstTouchMicros - b.firstTouchMicros;
  return first || byName(a, b);
}

type Named = Pick<Claim, 'beneficiary' | 'channel'>;

function byName(a: Named, b: Named): number {
  return compareText(a.beneficiary.id, b.beneficiary.id) || compareText(a.channel, b.channel);
}
