import { performance } from 'node:perf_hooks';

export interface Figures {
  perSecond: number;
  medianMs: number;
  p99Ms: number;
}

/** Runs `work` `count` times, `parallel` at once, and says how many finished in a second and how long each took. */
export async function measure(
  count: number,
  parallel: number,
  work: (index: number) => Promise<unknown>,
): Promise<Figures> {
  const times: number[] = [];
  let next = 0;
  const start = performance.now();
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      const before = performance.now();
      await work(index);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
  return { perSecond: count / seconds, medianMs: at(0.5), p99Ms: at(0.99) };
}

/** The middle of several figures. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
