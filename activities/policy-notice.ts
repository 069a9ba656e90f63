import { WorkflowNotFoundError } from '@temporalio/client';
import { getEvaluation } from '../db/queries/evaluation.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { listCasesOfPolicy } from '../db/queries/policy.ts';
import { listAffectedPartners } from '../db/queries/policy-study.ts';
import { findPolicy } from '../db/queries/policy-version.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { inTransaction } from '../db/transaction.ts';
import { policyDecided } from '../workflows/messages.ts';
import type { PolicyDecision } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { tellSubmitter } from './policy.ts';
import type { PolicyMoment } from './policy.ts';

/** Telling those whom a policy concerns. */
export function createPolicyNoticeActivities({ pool, client }: ActivityDeps) {
  return {
    /**
     * A mail to each partner whose commission the policy changes, once per policy, with the difference that its re-evaluation posted; a
     * study's figure is no promise. @returns how many are concerned
     */
    async tellPartners(about: {
      programId: string;
      policyId: string;
      studyId: string;
      evaluationId?: string;
      at: string;
    }): Promise<number> {
      return inTransaction(pool, about.programId, async (tx) => {
        const affected = await listAffectedPartners(tx, {
          studyId: about.studyId,
          evaluationId: about.evaluationId ?? null,
        });
        for (const { partnerId, minor, currency } of affected) {
          const to = await partnerAddressee(tx, partnerId, about.at);
          if (!to) continue;
          await queueMail(tx, {
            key: `policy/${about.policyId}/${partnerId}`,
            template: 'policy-changed',
            language: to.language,
            to: { name: to.name, address: to.address },
            data: { policyId: about.policyId, ...(minor ? { differenceMinor: minor, currency } : {}) },
            partnerId,
          });
        }
        return affected.length;
      });
    },

    /** Tells who submitted a policy that its re-evaluation posted nothing, and why, if it failed. */
    async tellNotReevaluated(about: PolicyMoment & { evaluationId: string }): Promise<void> {
      const { programId, policyId, evaluationId } = about;
      await inTransaction(pool, programId, async (tx) => {
        const { failure: reason } = await getEvaluation(tx, evaluationId);
        const policy = await findPolicy(tx, policyId);
        await tellSubmitter(tx, policyId, policy, {
          template: 'policy-not-reevaluated',
          data: { evaluationId, reason },
        });
      });
    },

    /** Tells the cases that wait for this policy what became of it. */
    async tellCases(about: {
      programId: string;
      policyId: string;
      decision: PolicyDecision['decision'];
      feedbackId?: string;
      evaluationId?: string;
    }): Promise<void> {
      const waiting = await inTransaction(pool, about.programId, (tx) => listCasesOfPolicy(tx, about.policyId));
      const ids = new Set([...waiting, ...(about.feedbackId ? [about.feedbackId] : [])]);
      const { policyId, decision, evaluationId } = about;
      for (const id of ids) {
        await client.workflow
          .getHandle(`feedback/${id}`)
          .signal(policyDecided, { policyId, decision, evaluationId })
          .catch((error: unknown) => {
            // A case that was closed meanwhile needs no answer.
            if (!(error instanceof WorkflowNotFoundError)) throw error;
          });
      }
    },
  };
}
