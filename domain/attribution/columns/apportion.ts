import { SHARES } from '../shares.ts';

/** Below it the square of a sum of weights is a safe integer, so quotients and remainders are exact in doubles. */
export const EXACT_SUM = 94_906_265;
/** Below it `amount × 10⁶` is a safe integer with room for a remainder of 10¹². */
export const EXACT_AMOUNT = 8_000_000_000;

const HALF = 1_000_000;

/**
 * Shares of 10⁻¹² by largest remainder, exact: `sum` and the weights are safe integers, `sum ≤ EXACT_SUM`. Ties go to the
 * earlier place, as in `allocate`.
 */
export function shareExactly(
  weights: Float64Array,
  length: number,
  sum: number,
  shares: Float64Array,
  rest: Float64Array,
) {
  const whole = Math.floor(SHARES / sum);
  const over = SHARES - whole * sum;
  let left = SHARES;
  for (let index = 0; index < length; index += 1) {
    const weight = weights[index]!;
    const product = over * weight;
    const more = Math.floor(product / sum);
    const share = whole * weight + more;
    shares[index] = share;
    rest[index] = product - more * sum;
    left -= share;
  }
  giveOut(shares, rest, length, left);
}

/**
 * The same for weights and a sum that doubles only approximate: `error` bounds the relative error of every quotient.
 * @returns false when a floor or the order of two remainders lies within the error; nothing may be used then
 */
export function shareWithin(
  weights: Float64Array,
  length: number,
  sum: number,
  error: number,
  shares: Float64Array,
  rest: Float64Array,
): boolean {
  let left = SHARES;
  let widest = 0;
  for (let index = 0; index < length; index += 1) {
    const quotient = (weights[index]! / sum) * SHARES;
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
  const least = giveOut(shares, rest, length, left);
  for (let index = 0; index < length; index += 1) if (rest[index]! >= least - 2 * widest) return false;
  return true;
}

/** Splits an amount (0 ≤ amount ≤ EXACT_AMOUNT) over shares that sum to 10¹², exact, by largest remainder. */
export function splitExactly(
  amount: number,
  shares: Float64Array,
  length: number,
  parts: Float64Array,
  rest: Float64Array,
) {
  let left = amount;
  for (let index = 0; index < length; index += 1) {
    const share = shares[index]!;
    const high = Math.floor(share / HALF);
    // amount × share = whole × 10¹² + (upper × 10⁶ + amount × low), each product a safe integer.
    const product = amount * high;
    const whole = Math.floor(product / HALF);
    const lower = (product - whole * HALF) * HALF + amount * (share - high * HALF);
    const more = Math.floor(lower / SHARES);
    parts[index] = whole + more;
    rest[index] = lower - more * SHARES;
    left -= whole + more;
  }
  giveOut(parts, rest, length, left);
}

/** One unit each to the `left` largest remainders, which are marked with −1. @returns the least remainder that got one */
function giveOut(parts: Float64Array, rest: Float64Array, length: number, left: number): number {
  let least = Infinity;
  for (let unit = 0; unit < left; unit += 1) {
    let most = 0;
    for (let index = 1; index < length; index += 1) if (rest[index]! > rest[most]!) most = index;
    least = rest[most]!;
    parts[most] = parts[most]! + 1;
    rest[most] = -1;
  }
  return least;
}
