/** Random numbers that a seed repeats (mulberry32): 0 ≤ x < 1. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const VICTIMS = ['worker', 'temporal', 'postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Kill {
  victim: Victim;
  /** After the journey began. */
  afterMs: number;
}

/** When a journey of about `journeyMs` is hit, and which process: one to three kills, decided by the seed alone. */
export function plannedKills(seed: number, journeyMs: number): Kill[] {
  const random = seededRandom(seed);
  const kills = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    victim: VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'worker',
    afterMs: Math.floor(random() * journeyMs),
  }));
  return kills.sort((a, b) => a.afterMs - b.afterMs);
}
