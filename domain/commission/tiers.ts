import { compareRational, plus, times, whole } from '../money/rounding.ts';
import type { Rational } from '../money/rounding.ts';
import type { CommissionTier } from './plan.ts';

const ZERO = whole(0);

/**
 * What `value` earns on top of `volume`, marginally: each part of it by the tier it falls into. Below the first tier it earns
 * nothing. Not rounded; smallest units of the contract's currency.
 */
export function marginalCommission(tiers: readonly CommissionTier[], volume: Rational, value: Rational): Rational {
  return minus(earnedUpTo(tiers, plus(volume, value)), earnedUpTo(tiers, volume));
}

function earnedUpTo(tiers: readonly CommissionTier[], volume: Rational): Rational {
  return tiers.reduce<Rational>((earned, tier, index) => {
    const next = tiers[index + 1];
    const top = next && compareRational(volume, whole(next.above.minor)) > 0 ? whole(next.above.minor) : volume;
    const within = minus(top, whole(tier.above.minor));
    if (compareRational(within, ZERO) <= 0) return earned;
    return plus(earned, times(within, BigInt(tier.basisPoints), 10_000n));
  }, ZERO);
}

function minus(a: Rational, b: Rational): Rational {
  return plus(a, { num: -b.num, den: b.den });
}
