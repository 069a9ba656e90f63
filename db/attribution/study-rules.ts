import { DomainError } from '../../domain/errors.ts';
import type { PolicyInForce } from '../queries/policy-period.ts';
import type { Study } from '../queries/study.ts';

/** Stands above every evaluation that was executed: the draft is what the study asks about. */
const DRAFT_EXECUTION = Number.MAX_SAFE_INTEGER;

/**
 * The policy of a study, as it was when the study began, as if it were in force for its range, above all others.
 * @throws DomainError `conflict` for a study of a version of Tandem that did not keep its instant and policy
 */
export function draftSpan(study: Study): PolicyInForce {
  const { policy, cutAt, epoch } = study;
  if (policy === null || cutAt === null || epoch === null)
    throw new DomainError(
      'conflict',
      `The study ${study.id} kept neither its instant nor its policy. Ask for a new one.`,
    );
  return {
    policyId: study.policyId,
    policy,
    conversionTypes: policy.conversionTypes,
    from: study.fromAt,
    to: study.toAt,
    execution: DRAFT_EXECUTION,
    evaluationId: study.evaluationId,
    cutAt: study.cutAt,
  };
}
