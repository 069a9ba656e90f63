const LN2 = 0.6931471805599453;
/** 1/n!: |f·ln 2| ≤ 0.35, so the term after the last is below 4e-18, a thirtieth of a unit of the last place. */
const T2 = 1 / 2;
const T3 = 1 / 6;
const T4 = 1 / 24;
const T5 = 1 / 120;
const T6 = 1 / 720;
const T7 = 1 / 5_040;
const T8 = 1 / 40_320;
const T9 = 1 / 362_880;
const T10 = 1 / 3_628_800;
const T11 = 1 / 39_916_800;
const T12 = 1 / 479_001_600;
const T13 = 1 / 6_227_020_800;
const POWERS = Float64Array.from(negativePowersOfTwo(1_075));

/**
 * 2^x for x ≤ 0, within two units of the last place. Built from additions and multiplications only, which IEEE 754 fixes to the
 * bit: `Math.pow` may differ between engines and versions, and a stored credit must be recomputed to the same cent for years.
 */
export function exp2(x: number): number {
  // The nearest whole number: as below −1/2 a half is added exactly, and above it nothing reaches another, this is `Math.round`, less a branch.
  const integer = Math.floor(x + 0.5);
  const scale = POWERS[-integer];
  if (scale === undefined) return 0;
  const y = (x - integer) * LN2;
  // In pairs (Estrin's scheme), so that a processor computes several at once: millions of touchpoints are weighed in a run.
  const y2 = y * y;
  const y4 = y2 * y2;
  const low = 1 + y + (T2 + T3 * y) * y2 + (T4 + T5 * y + (T6 + T7 * y) * y2) * y4;
  const high = T8 + T9 * y + (T10 + T11 * y) * y2 + (T12 + T13 * y) * y4;
  return (low + high * (y4 * y4)) * scale;
}

function negativePowersOfTwo(most: number): number[] {
  const powers = [1];
  for (let n = 1; n <= most; n += 1) powers.push(powers[n - 1]! / 2);
  return powers;
}
