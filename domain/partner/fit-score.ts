import { BRIEF_DIMENSIONS } from '../brief/brief.ts';
import type { BriefDimension, BriefWeights } from '../brief/brief.ts';

/** What a prospect says of itself, as far as a brief weighs it. */
export interface FitAnswers {
  type: string;
  channels: readonly string[];
  verticals: readonly string[];
  market: string | null;
}

/** One term of a fit score: the best matching value of a dimension, and how many of the dimension's points it brings. */
export interface FitTerm {
  dimension: BriefDimension;
  /** Null when nothing that was said is looked for. */
  value: string | null;
  weight: number;
  points: number;
  outOf: number;
}

export interface FitScore {
  /** 0–100, rounded. */
  score: number;
  terms: FitTerm[];
}

/** Whom to ask and through which channel says more than where they are. */
const POINTS: Record<BriefDimension, number> = { type: 30, channel: 30, vertical: 25, market: 15 };

/**
 * How well a prospect fits the brief, term by term: the best weight among its values times the points of the dimension.
 * Dimensions of which the brief says nothing are left out, and the others count for more; an empty brief scores nobody.
 */
export function fitScore(answers: FitAnswers, brief: BriefWeights): FitScore {
  const said: Record<BriefDimension, readonly string[]> = {
    type: [answers.type],
    channel: answers.channels,
    vertical: answers.verticals,
    market: answers.market === null ? [] : [answers.market],
  };
  const asked = BRIEF_DIMENSIONS.filter((dimension) => Object.values(brief[dimension]).some((weight) => weight > 0));
  const all = asked.reduce((sum, dimension) => sum + POINTS[dimension], 0);
  const terms = asked.map((dimension): FitTerm => {
    const [value, weight] = bestOf(said[dimension], brief[dimension]);
    const outOf = (POINTS[dimension] / all) * 100;
    return { dimension, value, weight, points: weight * outOf, outOf };
  });
  return { score: Math.round(terms.reduce((sum, { points }) => sum + points, 0)), terms };
}

function bestOf(values: readonly string[], weights: Record<string, number>): [string | null, number] {
  return values.reduce<[string | null, number]>(
    (best, value) => {
      const weight = Object.hasOwn(weights, value) ? (weights[value] ?? 0) : 0;
      return weight > best[1] ? [value, weight] : best;
    },
    [null, 0],
  );
}
