import { submitPolicy } from '../../../workflows/messages.ts';
import { command, openCase } from './command.ts';
import type { Programme } from './programme.ts';

export interface Approval {
  policyId: string;
  effectiveFrom: string;
  /** Who submits it. */
  by: string;
  /** The manager and then the person of finance who approve it. */
  approvers: readonly string[];
}

/** A draft is submitted with a re-evaluation of the three days before, and two persons approve it. */
export async function approvePolicy(
  acme: Programme,
  { policyId, effectiveFrom, by: submitter, approvers }: Approval,
): Promise<void> {
  await command(acme, submitPolicy, {
    type: 'policyChange',
    workflowId: `policy/${policyId}`,
    args: { programId: acme.programId, policyId },
    payload: { policyId, effectiveFrom, reevaluateFrom: acme.daysAgo(3), downward: 'recover' as const },
    words: {},
    by: submitter,
  });
  for (const by of approvers) await acme.decide('policy.approval', 'approve', { by, step: '1 second' });
  await acme.until(
    'the approval',
    async () =>
      (await acme.rows(`select from attribution_policy where id = $1 and state = 'approved'`, [policyId])).length > 0,
    '1 second',
  );
}

/** A case that waits for what becomes of a policy. */
export async function caseAbout(acme: Programme, partnerId: string, by: string, policyId: string): Promise<string> {
  const feedbackId = await openCase(acme, partnerId, {});
  const data = { message: 'We look.', policyId };
  await acme.decide('feedback.triage', 'review-policy', { by, data, step: '1 second' });
  return feedbackId;
}
