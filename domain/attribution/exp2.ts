const LN2 = 0.6931471805599453;
/** 1/n! for n = 17 … 0: |f·ln 2| ≤ 0.35, so the next term is below 1e-23. */
const TAYLOR = inverseFactorials(17).reverse();
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
  let sum = 0;
  for (let index = 0; index < TAYLOR.length; index += 1) sum = sum * y + TAYLOR[index]!;
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
