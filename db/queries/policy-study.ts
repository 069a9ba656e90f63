import type { Tx } from '../transaction.ts';
import type { StudyState } from './study.ts';
import type { Evaluation } from './evaluation.ts';

/** What approvers must see: what happened from `fromAt` until at least `untilAt`, as it was known then or later. */
export interface StudyReach {
  fromAt: string;
  untilAt: string;
}

/** The newest finished study of a policy, as the policy is now, that reaches far enough. */
export async function findFinishedStudy(tx: Tx, policyId: string, reach: StudyReach): Promise<string | undefined> {
  return newestStudy(tx, policyId, reach, ['done']);
}

/** A study that is at work or waits and reaches far enough, so that a repeated attempt goes on with it. */
export async function findUnfinishedStudy(tx: Tx, policyId: string, reach: StudyReach): Promise<string | undefined> {
  return newestStudy(tx, policyId, reach, ['queued', 'running']);
}

async function newestStudy(
  tx: Tx,
  policyId: string,
  { fromAt, untilAt }: StudyReach,
  states: readonly StudyState[],
): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select s.id from study s
     join attribution_policy p on p.program_id = s.program_id and p.id = s.policy_id and (s.policy is null or s.policy = p.body)
     where s.program_id = $1 and s.policy_id = $2 and s.state = any ($3) and s.evaluation_id is null
       and s.from_at <= $4 and s.to_at >= $5 and (s.cut_at is null or s.cut_at >= $5)
     order by s.id desc limit 1`,
    [tx.programId, policyId, states, fromAt, untilAt],
  );
  return rows[0]?.id;
}

/** The newest re-evaluation that a policy asked for, so that a repeated request finds it. */
export async function findEvaluationOfPolicy(
  tx: Tx,
  policyId: string,
): Promise<Pick<Evaluation, 'id' | 'state' | 'overtakenBy'> | undefined> {
  const { rows } = await tx.query<Pick<Evaluation, 'id' | 'state' | 'overtakenBy'>>(
    `select id, state, overtaken_by as "overtakenBy" from evaluation
     where program_id = $1 and policy_id = $2
     order by created_at desc, id desc
     limit 1`,
    [tx.programId, policyId],
  );
  return rows[0];
}

/**
 * Partners whose commission a study changes, with what its re-evaluation posted for them (minor units; null without one, or where it posted
 * nothing).
 */
export async function listAffectedPartners(
  tx: Tx,
  { studyId, evaluationId }: { studyId: string; evaluationId: string | null },
): Promise<{ partnerId: string; minor: number | null; currency: string | null }[]> {
  const { rows } = await tx.query<{ partnerId: string; minor: number | null; currency: string | null }>(
    `with posted as (
       select partner_id, currency, sum(amount_minor)::bigint as minor
       from commission where program_id = $1 and evaluation_id = $3 group by partner_id, currency
     )
     select partner_id as "partnerId", minor, currency
     from (
       select beneficiary_id as partner_id from study_line
       where program_id = $1 and study_id = $2 and beneficiary_kind = 'partner' and commission_after_minor <> commission_before_minor
       union select partner_id from posted
     ) concerned
     left join posted using (partner_id)
     order by partner_id, currency`,
    [tx.programId, studyId, evaluationId],
  );
  return rows;
}
