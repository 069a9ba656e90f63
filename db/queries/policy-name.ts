import type { Tx } from '../transaction.ts';

/** What a policy version is called, for whoever reads an id. */
export interface PolicyName {
  policyName: string;
  policyVersion: number;
}

/** By the policy's id; null is nobody's. A draft that was renamed since has its name of today. */
export async function readPolicyNames(tx: Tx, ids: readonly (string | null)[]): Promise<Map<string, PolicyName>> {
  const { rows } = await tx.query<PolicyName & { id: string }>(
    `select id, name as "policyName", version as "policyVersion" from attribution_policy where program_id = $1 and id = any ($2)`,
    [tx.programId, [...new Set(ids)]],
  );
  return new Map(rows.map(({ id, ...name }) => [id, name]));
}
