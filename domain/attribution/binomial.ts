/** Below this mean a draw walks up from zero; above it rejection takes a few tries whatever the size. */
const SMALL_MEAN = 10;

/**
 * How many of `trials` succeed, each with this probability: an exact draw, in time that hardly grows with `trials`.
 * Small means by inversion, larger ones by transformed rejection (BTRS of W. Hörmann, 1993).
 * @param chance 0 ≤ x < 1, anew at each call
 */
export function drawBinomial(trials: number, probability: number, chance: () => number): number {
  if (trials === 0 || probability <= 0) return 0;
  if (probability >= 1) return trials;
  if (probability > 0.5) return trials - drawBinomial(trials, 1 - probability, chance);
  return trials * probability < SMALL_MEAN ? invert(trials, probability, chance) : reject(trials, probability, chance);
}

function invert(trials: number, p: number, chance: () => number): number {
  const odds = p / (1 - p);
  for (;;) {
    let mass = Math.exp(trials * Math.log1p(-p));
    let rest = chance();
    for (let hits = 0; hits <= trials; hits += 1) {
      if (rest < mass) return hits;
      rest -= mass;
      mass *= ((trials - hits) / (hits + 1)) * odds;
      // The rest is what rounding left over behind the last mass that can be told from zero: draw again.
      if (mass < 1e-300 && hits > trials * p) break;
    }
  }
}

function reject(n: number, p: number, chance: () => number): number {
  const odds = p / (1 - p);
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const alpha = (2.83 + 5.1 / b) * spread;
  const mode = Math.floor((n + 1) * p);
  for (;;) {
    const u = chance() - 0.5;
    const v = chance();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + n * p + 0.5);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= 0.92 - 4.2 / b) return k;
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(n - mode) -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

const FIRST_TAILS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.0207906721037651, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

/** What Stirling's formula for log k! leaves over. */
function stirlingTail(k: number): number {
  const known = FIRST_TAILS[k];
  if (known !== undefined) return known;
  const square = (k + 1) ** 2;
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
