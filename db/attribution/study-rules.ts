import type { PolicyInForce } from '../queries/policy-period.ts';
import type { Study } from '../queries/study.ts';

/** Stands above every evaluation that was executed: the draft is what the study asks about. */
const DRAFT_EXECUTION = Number.MAX_SAFE_INTEGER;

/** The policy of a study, as it was when the study began, as if it were in force for its range, above all others. */
export function draftSpan(study: Study): PolicyInForce {
  return {
    policyId: study.policyId,
    policy: study.policy!,
    conversionTypes: study.policy!.conversionTypes,
    from: study.fromAt,
    to: study.toAt,
    execution: DRAFT_EXECUTION,
    evaluationId: study.evaluationId,
    cutAt: study.cutAt,
  };
}
