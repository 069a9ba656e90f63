import { DomainError, invalid } from '../errors.ts';
import { compareText } from './journey.ts';

/** Journeys that went the same way, oldest channel first: how many converted, with which value, and how many did not. */
export interface AggregatedPath {
  path: readonly string[];
  conversions: number;
  /** Sum over the conversions, a plain decimal without currency; 0 without conversions. */
  value: number;
  nulls: number;
}

/** What a model gives one channel. `share` is its part of all credited conversions. */
export interface ChannelCredit {
  channel: string;
  removalEffect?: number;
  conversions: number;
  value: number;
  share: number;
}

const SEPARATOR = '\u0000';
/** Steps that a path may have; journeys of a range are read with their newest ones. */
export const MOST_STEPS = 1_000;

/**
 * The same paths, equal ones added up, in order of their text: whatever order the rows came in, a fit reads the same bytes.
 * Rows that hold nothing are left out.
 * @throws DomainError `invalid` for an empty path, a negative or unreal figure, a value without conversions, or more than 1,000 steps
 */
export function canonicalPaths(paths: readonly AggregatedPath[]): AggregatedPath[] {
  const sums = new Map<string, { path: readonly string[]; rows: AggregatedPath[] }>();
  paths.forEach((row, index) => {
    assertPath(row, index);
    const key = row.path.join(SEPARATOR);
    const sum = sums.get(key);
    if (sum) sum.rows.push(row);
    else sums.set(key, { path: row.path, rows: [row] });
  });
  return [...sums.entries()]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { path, rows }]) => (rows.length === 1 ? rows[0]! : sumOf(path, rows)))
    .filter(({ conversions, nulls }) => conversions + nulls > 0);
}

function sumOf(path: readonly string[], rows: readonly AggregatedPath[]): AggregatedPath {
  return {
    path,
    conversions: total(rows.map(({ conversions }) => conversions)),
    value: total(rows.map(({ value }) => value)),
    nulls: total(rows.map(({ nulls }) => nulls)),
  };
}

/** Floating sums depend on their order, so figures are added from small to large. */
function total(figures: number[]): number {
  return figures.toSorted((a, b) => a - b).reduce((sum, figure) => sum + figure, 0);
}

function assertPath({ path, conversions, value, nulls }: AggregatedPath, index: number): void {
  const fault = (message: string) => new DomainError('invalid', `paths.${index}: ${message}`);
  const isFigure = (figure: number) => Number.isFinite(figure) && figure >= 0;
  if (path.length === 0) throw fault('A path needs at least one channel.');
  if (path.length > MOST_STEPS) throw fault(`A path has at most ${MOST_STEPS} steps.`);
  if (!isFigure(conversions)) throw fault('conversions must be a number that is not negative.');
  if (!isFigure(value)) throw fault('value must be a number that is not negative.');
  if (!isFigure(nulls)) throw fault('nulls must be a number that is not negative.');
  if (hasOnlyValue({ conversions, value })) throw invalid(`paths.${index}.value`, ONLY_VALUE);
}

/**
 * Whether a path brings a value that no conversion brought: nobody could be given it, because value is credited by the mean of the conversions
 * that end in the same state (attribution.md §5).
 */
export function hasOnlyValue({ conversions, value }: Pick<AggregatedPath, 'conversions' | 'value'>): boolean {
  return conversions === 0 && value > 0;
}

/** What to say of such a path. */
export const ONLY_VALUE = 'A path without conversions has no value: give its conversions, or leave the value out.';

/** Channel credits in order of falling conversions, then name, with their shares. */
export function rankChannels(credits: Iterable<Omit<ChannelCredit, 'share'>>): ChannelCredit[] {
  const sorted = [...credits].sort((a, b) => b.conversions - a.conversions || compareText(a.channel, b.channel));
  const sum = sorted.reduce((all, { conversions }) => all + conversions, 0);
  return sorted.map((credit) => ({ ...credit, share: sum === 0 ? 0 : credit.conversions / sum }));
}
