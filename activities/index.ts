import type { ActivityDeps } from './deps.ts';
import { withFailures } from './failures.ts';
import { createFeedActivities } from './feed.ts';
import { createMoneyActivities } from './money.ts';
import { createContentActivities } from './content.ts';
import { createContentEndActivities } from './content-end.ts';
import { createContractActivities } from './contract.ts';
import { createContractSignatureActivities } from './contract-signature.ts';
import { createEnablementActivities } from './enablement.ts';
import { createImportActivities } from './import.ts';
import { createJourneyWindowActivities } from './journey-window.ts';
import { createPartnerActivities } from './partner.ts';
import { createReevaluationShardActivities } from './reevaluation-shards.ts';
import { createStudyActivities } from './study.ts';
import { createSurveyActivities } from './survey.ts';
import { createRefusedMailActivities } from './refused-mail.ts';
import { createTaskActivities } from './task.ts';
import { createWorkflowRunActivities } from './workflow-run.ts';

/** All activities; every worker hosts all of them, whichever queues it polls. One line per noun. */
export function createActivities(deps: ActivityDeps) {
  return withFailures({
    ...createFeedActivities(deps),
    ...createMoneyActivities(deps),
    ...createContentActivities(deps),
    ...createContentEndActivities(deps),
    ...createContractActivities(deps),
    ...createContractSignatureActivities(deps),
    ...createEnablementActivities(deps),
    ...createImportActivities(deps),
    ...createJourneyWindowActivities(deps),
    ...createPartnerActivities(deps),
    ...createReevaluationShardActivities(deps),
    ...createStudyActivities(deps),
    ...createSurveyActivities(deps),
    ...createRefusedMailActivities(deps),
    ...createTaskActivities(deps),
    ...createWorkflowRunActivities(deps),
  });
}

export type Activities = ReturnType<typeof createActivities>;
