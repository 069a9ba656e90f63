import { WorkflowNotFoundError } from '@temporalio/client';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { listCasesOfPolicy } from '../db/queries/policy.ts';
import { listAffectedPartners } from '../db/queries/policy-study.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { inTransaction } from '../db/transaction.ts';
import { policyDecided } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';

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

    /** Tells the cases that wait for this policy what became of it. */
    async tellCases(about: {
      programId: string;
      policyId: string;
      decision: 'active' | 'rejected';
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
