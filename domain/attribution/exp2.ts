const LN2 = 0.6931471805599453;
/** 1/n! for n = 17 … 0: |f·ln 2| ≤ 0.35, so the next term is below 1e-23. */
const [T17, T16, T15, T14, T13, T12, T11, T10, T9, T8, T7, T6, T5, T4, T3, T2, T1, T0] = inverseFactorials(
  17,
).reverse() as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const POWERS = negativePowersOfTwo(1_075);

/**
 * 2^x for x ≤ 0, within two units of the last place. Built from additions and multiplications only, which IEEE 754 fixes to the
 * bit: `Math.pow` may differ between engines and versions, and a stored credit must be recomputed to the same cent for years.
 */
export function exp2(x: number): number {
  const integer = Math.round(x);
  const scale = POWERS[-integer];
  if (scale === undefined) return 0;
  const y = (x - integer) * LN2;
  // Horner's rule without a loop: millions of touchpoints are weighed in a run.
  let sum = T17;
  sum = sum * y + T16;
  sum = sum * y + T15;
  sum = sum * y + T14;
  sum = sum * y + T13;
  sum = sum * y + T12;
  sum = sum * y + T11;
  sum = sum * y + T10;
  sum = sum * y + T9;
  sum = sum * y + T8;
  sum = sum * y + T7;
  sum = sum * y + T6;
  sum = sum * y + T5;
  sum = sum * y + T4;
  sum = sum * y + T3;
  sum = sum * y + T2;
  sum = sum * y + T1;
  sum = sum * y + T0;
  return sum * scale;
}

function inverseFactorials(most: number): number[] {
  const terms = [1];
  for (let n = 1; n <= most; n += 1) terms.push(terms[n - 1]! / n);
  return terms;
}

function negativePowersOfTwo(most: number): number[] {
  const powers = [1];
  for (let n = 1; n <= most; n += 1) powers.push(powers[n - 1]! / 2);
  return powers;
}
