import { createAdjustmentActivities } from './adjustment.ts';
import { createApprovalActivities } from './approval.ts';
import { createBriefActivities } from './brief.ts';
import type { ActivityDeps } from './deps.ts';
import { createFeedbackCorrectionActivities } from './feedback-correction.ts';
import { createFeedbackActivities } from './feedback.ts';
import { createHoldActivities } from './hold.ts';
import { createInvoiceActivities } from './invoice.ts';
import { createMoneyWorkflowActivities } from './money-workflow.ts';
import { createPayoutConfirmActivities } from './payout-confirm.ts';
import { createPayoutDetailsActivities } from './payout-details.ts';
import { createPayoutDrawActivities } from './payout-draw.ts';
import { createPayoutReleaseActivities } from './payout-release.ts';
import { createPayoutSendActivities } from './payout-send.ts';
import { createPayoutViewActivities } from './payout-view.ts';
import { createPolicyNoticeActivities } from './policy-notice.ts';
import { createPolicyActivities } from './policy.ts';
import { createReevaluationActivities } from './reevaluation.ts';
import { createSetAsideWorkActivities } from './set-aside-work.ts';
import { createStatementApprovalActivities } from './statement-approval.ts';
import { createStatementActivities } from './statement.ts';
import { createWindowLockActivities } from './window-lock.ts';

/** The way from a locked window to money in the bank, and the decisions about money and rules beside it. */
export function createMoneyActivities(deps: ActivityDeps) {
  return {
    ...createWindowLockActivities(deps),
    ...createStatementActivities(deps),
    ...createStatementApprovalActivities(deps),
    ...createInvoiceActivities(deps),
    ...createPayoutDetailsActivities(deps),
    ...createPayoutDrawActivities(deps),
    ...createPayoutReleaseActivities(deps),
    ...createPayoutSendActivities(deps),
    ...createPayoutConfirmActivities(deps),
    ...createPayoutViewActivities(deps),
    ...createMoneyWorkflowActivities(deps),
    ...createHoldActivities(deps),
    ...createPolicyActivities(deps),
    ...createPolicyNoticeActivities(deps),
    ...createReevaluationActivities(deps),
    ...createAdjustmentActivities(deps),
    ...createApprovalActivities(deps),
    ...createSetAsideWorkActivities(deps),
    ...createBriefActivities(deps),
    ...createFeedbackActivities(deps),
    ...createFeedbackCorrectionActivities(deps),
  };
}
