import type { Step } from './journey.ts';
import type { Claim } from './split.ts';
import { beneficiaryOf, creditKey, UNATTRIBUTED, UNATTRIBUTED_CHANNEL } from './touchpoint.ts';

/** Sums touchpoint weights by beneficiary and channel, in the order of the journey. */
export function sumClaims(steps: readonly Step[], weights: readonly number[]): Claim[] {
  const claims = new Map<string, Claim>();
  steps.forEach(({ touchpoint, occurredMicros }, index) => {
    const weight = weights[index]!;
    if (weight === 0) return;
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
 * Caps each partner's summed weight at `share` of the whole; its channels shrink in proportion, and what is cut off goes to the
 * programme. Returns claims that sum to what they summed to before.
 */
export function capPartners(claims: readonly Claim[], share: number | undefined): Claim[] {
  if (share === undefined) return [...claims];
  const total = claims.reduce((sum, { weight }) => sum + weight, 0);
  const ofPartner = new Map<string, number>();
  for (const { beneficiary, weight } of claims) {
    if (beneficiary.kind === 'partner') ofPartner.set(beneficiary.id, (ofPartner.get(beneficiary.id) ?? 0) + weight);
  }
  let cut = 0;
  const capped = claims.map((claim) => {
    const sum = claim.beneficiary.kind === 'partner' ? ofPartner.get(claim.beneficiary.id)! : 0;
    if (sum <= total * share) return claim;
    const weight = (claim.weight / sum) * (total * share);
    cut += claim.weight - weight;
    return { ...claim, weight };
  });
  if (cut <= 0) return capped;
  const nobody = { beneficiary: UNATTRIBUTED, channel: UNATTRIBUTED_CHANNEL, firstTouchAt: null };
  return [...capped, { ...nobody, firstTouchMicros: Infinity, weight: cut }];
}
