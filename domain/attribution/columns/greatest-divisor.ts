/** The greatest whole number that divides both; 0 divides into everything. Signs do not count. */
export function greatestDivisor(a: bigint, b: bigint): bigint {
  let [high, low] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (low !== 0n) [high, low] = [low, high % low];
  return high;
}

/** `value / divisor` as a number, exact; Infinity where it is no safe integer. A divisor of 0 stands for "all are zero". */
export function divideOut(value: bigint, divisor: bigint): number {
  if (divisor === 0n) return 0;
  const part = Number(value / divisor);
  return Number.isSafeInteger(part) ? part : Infinity;
}
