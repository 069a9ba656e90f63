import { lockPolicies } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import type { PolicySubmission } from './policy-version.ts';

/** A draft is submitted; of anything else nothing changes. */
export async function submitPolicyDraft(
  tx: Tx,
  id: string,
  submission: PolicySubmission,
  by: string,
  at: string,
): Promise<void> {
  await tx.query(
    `update attribution_policy set state = 'submitted', submission = $3, submitted_by = $4, submitted_at = $5
     where program_id = $1 and id = $2 and state = 'draft'`,
    [tx.programId, id, submission, by, at],
  );
}

export async function rejectPolicyRow(tx: Tx, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update attribution_policy set state = 'rejected' where program_id = $1 and id = $2 and state = 'submitted'`,
    [tx.programId, id],
  );
  return rowCount === 1;
}

export async function approvePolicyRow(
  tx: Tx,
  id: string,
  approval: { effectiveFrom: string; approvedBy: string[]; at: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update attribution_policy set state = 'approved', effective_from = $3, approved_by = $4, approved_at = $5
     where program_id = $1 and id = $2 and state = 'submitted'`,
    [tx.programId, id, approval.effectiveFrom, approval.approvedBy, approval.at],
  );
  return rowCount === 1;
}

/**
 * Writes from when the version is in force for its conversion types: the version before ends there, and one that was approved for
 * later still begins then. `receivedAt` is the stamp under the intake barrier. Whoever holds the row of a policy calls `lockPolicies` before that.
 */
export async function insertPolicyPeriods(
  tx: Tx,
  policy: { id: string; conversionTypes: readonly string[]; effectiveFrom: string },
  receivedAt: string,
): Promise<void> {
  const { id, conversionTypes, effectiveFrom } = policy;
  await lockPolicies(tx);
  const { rows } = await tx.query<{ type: string; until: string | null }>(
    `select t.type, (
       select min(lower(p.during)) from policy_period p
       where p.program_id = $1 and p.conversion_type = t.type and lower(p.during) > $3) as until
     from (select distinct unnest($2::text[]) as type) t`,
    [tx.programId, conversionTypes, effectiveFrom],
  );
  // A version that was to begin at the very instant never comes into force.
  await tx.query(
    `delete from policy_period where program_id = $1 and conversion_type = any ($2) and lower(during) = $3`,
    [tx.programId, conversionTypes, effectiveFrom],
  );
  await tx.query(
    `update policy_period set during = tstzrange(lower(during), $3)
     where program_id = $1 and conversion_type = any ($2) and during @> $3::timestamptz`,
    [tx.programId, conversionTypes, effectiveFrom],
  );
  for (const { type, until } of rows) {
    await tx.query(
      `insert into policy_period (program_id, policy_id, conversion_type, during, received_at)
       values ($1, $2, $3, tstzrange($4, $5), $6)`,
      [tx.programId, id, type, effectiveFrom, until, receivedAt],
    );
  }
}

/**
 * The version is in force; versions whose last period is over are retired, and so is one that another took the place of before it began.
 * @returns what it has become now; undefined: it was that already
 */
export async function activatePolicyRow(tx: Tx, id: string, at: string): Promise<'active' | 'retired' | undefined> {
  const { rows } = await tx.query<{ state: 'active' | 'retired' }>(
    `update attribution_policy a
     set state = case when exists (select from policy_period p where p.program_id = a.program_id and p.policy_id = a.id) then 'active' else 'retired' end
     where a.program_id = $1 and a.id = $2 and a.state = 'approved'
     returning a.state`,
    [tx.programId, id],
  );
  await tx.query(
    `update attribution_policy a set state = 'retired'
     where a.program_id = $1 and a.state = 'active'
       and not exists (
         select from policy_period p
         where p.program_id = a.program_id and p.policy_id = a.id and (upper_inf(p.during) or upper(p.during) > $2))`,
    [tx.programId, at],
  );
  return rows[0]?.state;
}

/** The version that begins at the very instant of another, for each of its conversion types, so that the other never holds; undefined: it does. */
export async function findReplacement(tx: Tx, id: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select p.policy_id as id
     from attribution_policy a
     join policy_period p on p.program_id = a.program_id and lower(p.during) = a.effective_from
       and p.conversion_type in (select jsonb_array_elements_text(a.body -> 'conversionTypes'))
     where a.program_id = $1 and a.id = $2
       and not exists (select from policy_period own where own.program_id = a.program_id and own.policy_id = a.id)
     order by p.policy_id
     limit 1`,
    [tx.programId, id],
  );
  return rows[0]?.id;
}

/** Cases that wait for this policy. */
export async function listCasesOfPolicy(tx: Tx, policyId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from feedback where program_id = $1 and policy_id = $2 and state = 'policy-review' order by id`,
    [tx.programId, policyId],
  );
  return rows.map((row) => row.id);
}
