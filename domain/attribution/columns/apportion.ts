import { SHARES } from '../shares.ts';
import { MOST_CLAIMS } from './claims-columns.ts';
import type { ClaimsColumns } from './claims-columns.ts';
import type { CreditColumns } from './credit-columns.ts';

/** Below it the square of a sum of weights is a safe integer, so quotients and remainders are exact in doubles. */
export const EXACT_SUM = 94_906_265;
/** Below it an amount times 2²⁰ is a safe integer with room for a remainder of 10¹². */
export const EXACT_AMOUNT = 8_000_000_000;

/** All shares. Of this module, so that the engine takes it for the constant that it is: an imported one is looked up at each use. */
const WHOLE = SHARES;
/** A double of a whole number that is no larger is exact: whatever is larger does not round to below 2⁵³. */
export const MOST_EXACT = Number.MAX_SAFE_INTEGER;
/** Half of what lies between 1 and the next double: the relative error of one rounding. */
const ROUNDING = 2 ** -53;
/** Shares are multiplied in two parts, the lower of twenty bits. */
const LOWER = 2 ** 20;
const WHOLE_UPPER = Math.floor(WHOLE / LOWER);
const WHOLE_LOWER = WHOLE - WHOLE_UPPER * LOWER;

// Scratch of the claims of one conversion; constants of the module for the reason given in `claims-columns.ts`.
const shares = new Float64Array(MOST_CLAIMS + 1);
const parts = new Float64Array(MOST_CLAIMS + 1);
const rest = new Float64Array(MOST_CLAIMS + 1);

/**
 * Shares of 10⁻¹² by largest remainder, exact: weights and sum are safe integers, the sum at most EXACT_SUM. Ties go to the
 * earlier place, as in `allocate`.
 */
export function shareExactly({ length, weight, sum }: ClaimsColumns): void {
  const each = Math.floor(WHOLE / sum);
  const over = WHOLE - each * sum;
  let left = WHOLE;
  for (let index = 0; index < length; index += 1) {
    const own = weight[index]!;
    const product = over * own;
    const more = Math.floor(product / sum);
    const share = each * own + more;
    shares[index] = share;
    rest[index] = product - more * sum;
    left -= share;
  }
  giveOut(shares, length, left);
}

/**
 * The same for weights that doubles may only approximate.
 *
 * Each quotient is off by at most `roundings` × 2⁻⁵³ of itself: two for division and multiplication, those of weight and total, and two
 * for what is of second order (below one, as the touchpoints are less than a million) and for the roundings of this test itself.
 *
 * Weights are whole numbers, so one below 2⁵³ is exact, with all that was added to it; a total below 2⁵³ is, too. If all weights are exact,
 * a larger total is rounded once per addition, of which there is one less than claims. Else: all terms are positive, so the error of
 * a sum, in proportion, is at most the largest of its terms' and one rounding per addition. The weight of a touchpoint is a
 * product, rounded once; that of a claim of m touchpoints comes to 1 + (m − 1), the total to 1 + (count − 1) at most, and m is at most
 * count − (claims − 1), as each other claim has one at least.
 * @param count touchpoints that were summed
 * @returns false when a floor or the order of two remainders lies within the error; nothing may be used then
 */
export function shareWithin({ length, weight }: ClaimsColumns, count: number): boolean {
  let total = 0;
  let isExact = true;
  for (let index = 0; index < length; index += 1) {
    const own = weight[index]!;
    total += own;
    if (own > MOST_EXACT) isExact = false;
  }
  let roundings = 4;
  if (!isExact) roundings += 2 * count - length + 1;
  else if (total > MOST_EXACT) roundings += length - 1;
  const error = roundings * ROUNDING;
  let left = WHOLE;
  let widest = 0;
  for (let index = 0; index < length; index += 1) {
    const quotient = (weight[index]! / total) * WHOLE;
    const share = Math.floor(quotient);
    const fraction = quotient - share;
    const width = quotient * error;
    if (fraction <= width || fraction >= 1 - width) return false;
    if (width > widest) widest = width;
    shares[index] = share;
    rest[index] = fraction;
    left -= share;
  }
  if (left < 0 || left > length) return false;
  const least = giveOut(shares, length, left);
  for (let index = 0; index < length; index += 1) if (rest[index]! >= least - 2 * widest) return false;
  return true;
}

/** Takes shares that were made elsewhere. */
export function shareAs(made: readonly number[]): void {
  shares.set(made);
}

/** Splits an amount (0 ≤ amount ≤ EXACT_AMOUNT) over the shares, which sum to 10¹², exact, by largest remainder. */
export function splitExactly(amount: number, length: number): void {
  let left = amount;
  for (let index = 0; index < length; index += 1) {
    const share = shares[index]!;
    const upper = Math.floor(share / LOWER);
    // Three roundings of a part of at most 8·10⁹ cannot reach a whole one, so it may be one off; the remainder tells, which is exact:
    // each product and each difference of products is a safe integer.
    let part = Math.floor((amount * share) / WHOLE);
    let remainder =
      (amount * upper - part * WHOLE_UPPER) * LOWER + (amount * (share - upper * LOWER) - part * WHOLE_LOWER);
    if (remainder < 0) {
      part -= 1;
      remainder += WHOLE;
    } else if (remainder >= WHOLE) {
      part += 1;
      remainder -= WHOLE;
    }
    parts[index] = part;
    rest[index] = remainder;
    left -= part;
  }
  giveOut(parts, length, left);
}

/** Writes the credits of a conversion whose amount was split; a share of nothing is none. */
export function addCredits(
  conversion: number,
  isNegative: boolean,
  claims: ClaimsColumns,
  credits: CreditColumns,
): void {
  const { length, claimant, last } = claims;
  let at = credits.reserve(length);
  const { shareE12, minor, source } = credits;
  const conversionOf = credits.conversion;
  const claimantOf = credits.claimant;
  for (let index = 0; index < length; index += 1) {
    const share = shares[index]!;
    if (share === 0) continue;
    const part = parts[index]!;
    conversionOf[at] = conversion;
    claimantOf[at] = claimant[index]!;
    shareE12[at] = share;
    minor[at] = isNegative ? 0 - part : part;
    source[at] = last[index]!;
    at += 1;
  }
  credits.length = at;
}

/** One unit each to the `left` largest remainders, which are marked with −1. @returns the least remainder that got one */
function giveOut(units: Float64Array, length: number, left: number): number {
  let least = Infinity;
  for (let given = 0; given < left; given += 1) {
    let most = 0;
    least = rest[0]!;
    for (let index = 1; index < length; index += 1) {
      const own = rest[index]!;
      if (own <= least) continue;
      most = index;
      least = own;
    }
    units[most] = units[most]! + 1;
    rest[most] = -1;
  }
  return least;
}
