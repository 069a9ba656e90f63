import type { Policy } from '../../domain/attribution/policy.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Tx } from '../transaction.ts';

export type PolicyState = 'draft' | 'submitted' | 'approved' | 'active' | 'rejected' | 'retired';

/** One version of the attribution rule, as stored. */
export interface PolicyVersion {
  id: string;
  name: string;
  version: number;
  state: PolicyState;
  body: Policy;
  createdBy: string;
  createdAt: string;
  submittedBy: string | null;
  submittedAt: string | null;
  /** What was asked for with the submission. */
  submission: Record<string, unknown> | null;
  effectiveFrom: string | null;
  approvedBy: string[];
  approvedAt: string | null;
}

const COLUMNS = `id, name, version, state, body, created_by as "createdBy", created_at as "createdAt", submitted_by as "submittedBy",
  submitted_at as "submittedAt", submission, effective_from as "effectiveFrom", approved_by as "approvedBy", approved_at as "approvedAt"`;

/** @throws DomainError `not-found` */
export async function getPolicy(tx: Tx, id: string): Promise<PolicyVersion> {
  const { rows } = await tx.query<PolicyVersion>(
    `select ${COLUMNS} from attribution_policy where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  if (!rows[0]) throw new DomainError('not-found', `There is no policy ${id}.`);
  return rows[0];
}

export async function listPolicies(
  tx: Tx,
  filter: { state?: string; afterId?: string; limit: number },
): Promise<PolicyVersion[]> {
  const { rows } = await tx.query<PolicyVersion>(
    `select ${COLUMNS} from attribution_policy
     where program_id = $1 and ($2::text is null or state = $2) and ($3::text is null or id > $3)
     order by id
     limit $4`,
    [tx.programId, filter.state ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** Makes a draft: the next version of its name. The same id again changes nothing. */
export async function insertPolicyDraft(
  tx: Tx,
  draft: { id: string; body: Policy; createdBy: string },
): Promise<PolicyVersion> {
  await tx.query(
    `insert into attribution_policy (program_id, id, name, version, body, created_by)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5 from attribution_policy where program_id = $1 and name = $3
     on conflict (program_id, id) do nothing`,
    [tx.programId, draft.id, draft.body.name, draft.body, draft.createdBy],
  );
  return getPolicy(tx, draft.id);
}

/** Replaces the body of a draft. @throws DomainError `immutable` when it is no draft any more */
export async function updatePolicyDraft(tx: Tx, id: string, body: Policy): Promise<PolicyVersion> {
  const { rowCount } = await tx.query(
    `update attribution_policy set body = $3, name = $4,
       version = case when name = $4 then version else (select coalesce(max(p.version), 0) + 1 from attribution_policy p where p.program_id = $1 and p.name = $4) end
     where program_id = $1 and id = $2 and state = 'draft'`,
    [tx.programId, id, body, body.name],
  );
  const policy = await getPolicy(tx, id);
  if (rowCount === 0)
    throw new DomainError(
      'immutable',
      `Policy ${id} is ${policy.state}; only a draft can be changed. Make a new draft.`,
    );
  return policy;
}
