import type { AggregatedPath } from '../../domain/attribution/paths.ts';

/** What a journey brings on average, and by which part less without each channel. */
interface DenseFit {
  probability: number;
  effects: Map<string, number>;
  /** Of the value per journey, where each conversion brings the mean of its last state. */
  valueEffects: Map<string, number>;
}

/**
 * An independent Markov fit for tests: brute force over texts, a dense matrix, and elimination with pivoting. It shares no line
 * with the one it checks.
 */
export function denseMarkov(paths: readonly AggregatedPath[], order: number): DenseFit {
  const rows = paths.map((row) => {
    const length = Math.min(order, row.path.length);
    const states: string[][] = [];
    for (let from = 0; from + length <= row.path.length; from += 1) states.push(row.path.slice(from, from + length));
    return { ...row, states };
  });
  const channels = [...new Set(paths.flatMap(({ path }) => path))];
  const whole = absorption(rows, null);
  const without = channels.map((channel) => ({ channel, ...absorption(rows, channel) }));
  return {
    probability: whole.conversion,
    effects: new Map(without.map(({ channel, conversion }) => [channel, 1 - conversion / whole.conversion])),
    valueEffects: new Map(without.map(({ channel, value }) => [channel, 1 - value / whole.value])),
  };
}

type Row = AggregatedPath & { states: string[][] };

function absorption(rows: readonly Row[], removed: string | null): { conversion: number; value: number } {
  const names = [...new Set(rows.flatMap(({ states }) => states.map((state) => state.join('>'))))];
  const at = new Map(names.map((name, index) => [name, index + 1]));
  const size = names.length + 1;
  const weights = Array.from({ length: size }, () => new Float64Array(size + 2));
  const totals = new Float64Array(size);
  const converted = new Float64Array(size);
  const earned = new Float64Array(size);
  for (const { states, conversions, value, nulls } of rows) {
    let from = 0;
    for (const state of states) {
      const to = at.get(state.join('>'))!;
      totals[from]! += conversions + nulls;
      if (removed === null || !state.includes(removed)) weights[from]![to]! += conversions + nulls;
      from = to;
    }
    totals[from]! += conversions + nulls;
    converted[from]! += conversions;
    earned[from]! += value;
  }
  weights.forEach((row, state) => {
    const mean = converted[state] === 0 ? 0 : earned[state]! / converted[state]!;
    row[size] = converted[state]!;
    row[size + 1] = converted[state]! * mean;
  });
  // Rows of (I − Q | r), with two right sides: conversions and value.
  const matrix = weights.map((row, index) => {
    const scaled = row.map((weight) => (totals[index] === 0 ? 0 : weight / totals[index]!));
    return scaled.map((p, to) => (to >= size ? p : to === index ? 1 - p : -p));
  });
  const [start] = gauss(matrix);
  return { conversion: start![0], value: start![1] };
}

/** Eliminates in place; of each unknown its solution for both right sides. */
function gauss(matrix: Float64Array[]): [number, number][] {
  const size = matrix.length;
  for (let column = 0; column < size; column += 1) {
    let best = column;
    for (let row = column + 1; row < size; row += 1)
      if (Math.abs(matrix[row]![column]!) > Math.abs(matrix[best]![column]!)) best = row;
    [matrix[column], matrix[best]] = [matrix[best]!, matrix[column]!];
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const factor = matrix[row]![column]! / matrix[column]![column]!;
      if (factor === 0) continue;
      for (let to = column; to < size + 2; to += 1) matrix[row]![to]! -= factor * matrix[column]![to]!;
    }
  }
  return matrix.map((row, index) => [row[size]! / row[index]!, row[size + 1]! / row[index]!]);
}
