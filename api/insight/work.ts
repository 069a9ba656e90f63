import { compareModels } from '../../domain/attribution/compare.ts';
import type { ComparedJourney, ComparedModel, ModelCredits } from '../../domain/attribution/compare.ts';
import { fitPaths } from '../../domain/attribution/fit.ts';
import type { Fit, FitRequest } from '../../domain/attribution/fit.ts';
import { proposeWeights } from '../../domain/attribution/weights-proposal.ts';
import type { WeightsProposal } from '../../domain/attribution/weights-proposal.ts';

/** What can be asked of journeys, and takes longer than an event loop should wait. */
export type InsightWork =
  | { kind: 'fit'; request: FitRequest }
  | { kind: 'proposal'; request: FitRequest }
  | { kind: 'compare'; models: readonly { name: string; model: ComparedModel }[] };

export interface InsightResults {
  fit: Fit;
  proposal: WeightsProposal & { fit: Fit };
  compare: ModelCredits[];
}

/** Does the work, where it is called. @throws DomainError `invalid` */
export function doInsightWork(
  journeys: readonly ComparedJourney[],
  work: InsightWork,
): InsightResults[InsightWork['kind']] {
  if (work.kind === 'compare') return compareModels(journeys, work.models);
  const fit = fitPaths(journeys, work.request);
  return work.kind === 'fit' ? fit : { fit, ...proposeWeights(fit.channels, journeys) };
}
