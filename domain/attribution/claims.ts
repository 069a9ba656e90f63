import type { Step } from './journey.ts';
import { NANO, nano } from './nano.ts';
import type { Claim } from './split.ts';
import { beneficiaryOf, creditKey, UNATTRIBUTED, UNATTRIBUTED_CHANNEL } from './touchpoint.ts';

/** Sums touchpoint weights by beneficiary and channel; each claim has weight. */
export function sumClaims(steps: readonly Step[], weights: readonly bigint[]): Claim[] {
  const claims = new Map<string, Claim>();
  steps.forEach(({ touchpoint, occurredMicros }, index) => {
    const weight = weights[index]!;
    if (weight === 0n) return;
    const beneficiary = beneficiaryOf(touchpoint);
    const key = creditKey(beneficiary, touchpoint.channel);
    const claim = claims.get(key);
    if (claim) claim.weight += weight;
    else {
      const first = { firstTouchAt: touchpoint.occurredAt, firstTouchMicros: occurredMicros };
      claims.set(key, { beneficiary, channel: touchpoint.channel, weight, ...first });
    }
  });
  return [...claims.values()];
}

/**
 * The id of the last touchpoint with weight of each claim, by `creditKey`: content and sub-id of a credit are those of this one.
 * @param steps in the order of the journey, so that of several at one instant the later received, then the greater id is the last
 */
export function lastTouches(steps: readonly Step[], weights: readonly bigint[]): Map<string, string> {
  const lasts = new Map<string, string>();
  steps.forEach(({ touchpoint }, index) => {
    if (weights[index] !== 0n) lasts.set(creditKey(beneficiaryOf(touchpoint), touchpoint.channel), touchpoint.id);
  });
  return lasts;
}

/**
 * Caps each partner's summed weight at `share` of the whole; its channels shrink in proportion, and what is cut off goes to the
 * programme. The claims come back in their order on a finer scale, on which nothing had to be rounded.
 */
export function capPartners(claims: readonly Claim[], share: number | undefined): Claim[] {
  const cap = share === undefined ? null : nano(share);
  const total = claims.reduce((sum, { weight }) => sum + weight, 0n);
  const sums = partnerSums(claims);
  const isAbove = (sum: bigint) => cap !== null && sum * BigInt(NANO) > total * cap;
  const above = [...sums.values()].filter(isAbove);
  if (cap === null || above.length === 0) return [...claims];

  // sum → total × cap / NANO, so a claim shrinks by total × cap / (NANO × sum); the scale makes that whole for every partner.
  const scale = above.reduce((product, sum) => product * sum, BigInt(NANO));
  let kept = 0n;
  const capped = claims.map((claim) => {
    const sum = claim.beneficiary.kind === 'partner' ? sums.get(claim.beneficiary.id)! : 0n;
    const factor = isAbove(sum) ? (total * cap * scale) / (BigInt(NANO) * sum) : scale;
    kept += claim.weight * factor;
    return { ...claim, weight: claim.weight * factor };
  });
  const nobody = { beneficiary: UNATTRIBUTED, channel: UNATTRIBUTED_CHANNEL, firstTouchAt: null };
  return [...capped, { ...nobody, firstTouchMicros: Infinity, weight: total * scale - kept }];
}

function partnerSums(claims: readonly Claim[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { beneficiary, weight } of claims) {
    if (beneficiary.kind === 'partner') sums.set(beneficiary.id, (sums.get(beneficiary.id) ?? 0n) + weight);
  }
  return sums;
}
