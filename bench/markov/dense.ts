import { weighChain } from '../../domain/attribution/markov/chain.ts';
import type { Chain } from '../../domain/attribution/markov/chain.ts';
import { chainShape } from '../../domain/attribution/markov/shape.ts';
import { canonicalPaths } from '../../domain/attribution/paths.ts';
import type { AggregatedPath } from '../../domain/attribution/paths.ts';

/**
 * The rival: the same chain as one dense matrix, solved once whole and once without each channel by elimination with pivoting, as a
 * linear algebra package does it. Removal effects by channel.
 */
export function denseEffects(paths: readonly AggregatedPath[], order: number): Map<string, number> {
  const canonical = canonicalPaths(paths);
  const chain = weighChain(chainShape(canonical, order), canonical);
  const whole = conversionOf(chain, () => true);
  return new Map(
    chain.channels.map((channel, index) => {
      const without = conversionOf(chain, (state) => !chain.contains[state]!.includes(index));
      return [channel, 1 - without / whole];
    }),
  );
}

/** The probability that a journey converts when the states that `keeps` refuses are nulls. */
function conversionOf(chain: Chain, keeps: (state: number) => boolean): number {
  const kept = Array.from({ length: chain.states }, (_, state) => state).filter(keeps);
  const place = new Map(kept.map((state, at): [number, number] => [state, at]));
  const size = kept.length;
  // Rows of (I − Q | r).
  const rows = kept.map((state, at) => {
    const row = new Float64Array(size + 1);
    row[at] = 1;
    for (let slot = chain.rows[state]!; slot < chain.rows[state + 1]!; slot += 1) {
      const to = place.get(chain.targets[slot]!);
      if (to !== undefined) row[to]! -= chain.probabilities[slot]!;
    }
    row[size] = chain.converts[state]!;
    return row;
  });
  const solved = solve(rows);
  return kept.reduce((sum, state, at) => sum + chain.start[state]! * solved[at]!, 0);
}

function solve(rows: Float64Array[]): Float64Array {
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let best = column;
    for (let row = column + 1; row < size; row += 1)
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[best]![column]!)) best = row;
    [rows[column], rows[best]] = [rows[best]!, rows[column]!];
    const pivot = rows[column]!;
    for (let row = column + 1; row < size; row += 1) {
      const target = rows[row]!;
      const factor = target[column]! / pivot[column]!;
      if (factor === 0) continue;
      for (let to = column; to <= size; to += 1) target[to]! -= factor * pivot[to]!;
    }
  }
  const solved = new Float64Array(size);
  for (let at = size - 1; at >= 0; at -= 1) {
    const row = rows[at]!;
    let sum = row[size]!;
    for (let to = at + 1; to < size; to += 1) sum -= row[to]! * solved[to]!;
    solved[at] = sum / row[at]!;
  }
  return solved;
}
