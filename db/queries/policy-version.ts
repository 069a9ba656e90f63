import type { Policy } from '../../domain/attribution/policy.ts';
import { DomainError } from '../../domain/errors.ts';
import { lockPolicies } from '../locks.ts';
import type { Tx } from '../transaction.ts';

export type PolicyState = 'draft' | 'submitted' | 'approved' | 'active' | 'rejected' | 'retired';

/** What was asked for with the submission of a policy. */
export interface PolicySubmission {
  effectiveFrom: string;
  reevaluateFrom?: string;
  downward: 'recover' | 'waive';
  feedbackId?: string;
  reason?: string;
}

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
  submission: PolicySubmission | null;
  effectiveFrom: string | null;
  approvedBy: string[];
  approvedAt: string | null;
  /** The newest re-evaluation that it asked for. */
  evaluationId: string | null;
}

const COLUMNS = `id, name, version, state, body, created_by as "createdBy", created_at as "createdAt", submitted_by as "submittedBy",
  submitted_at as "submittedAt", submission, effective_from as "effectiveFrom", approved_by as "approvedBy", approved_at as "approvedAt",
  (select e.id from evaluation e where e.program_id = attribution_policy.program_id and e.policy_id = attribution_policy.id
   order by e.created_at desc, e.id desc limit 1) as "evaluationId"`;

export async function findPolicy(tx: Tx, id: string): Promise<PolicyVersion | undefined> {
  const { rows } = await tx.query<PolicyVersion>(
    `select ${COLUMNS} from attribution_policy where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}

/** @throws DomainError `not-found` */
export async function getPolicy(tx: Tx, id: string): Promise<PolicyVersion> {
  const policy = await findPolicy(tx, id);
  if (!policy) throw new DomainError('not-found', `There is no policy ${id}.`);
  return policy;
}

/** The policy, and no other change of it until the transaction ends. */
export async function lockPolicy(tx: Tx, id: string): Promise<PolicyVersion | undefined> {
  const { rows } = await tx.query<PolicyVersion>(
    `select ${COLUMNS} from attribution_policy where program_id = $1 and id = $2 for no key update`,
    [tx.programId, id],
  );
  return rows[0];
}

/**
 * The policy as it is to be changed: until the transaction ends nobody else changes it, or numbers another. @throws DomainError `not-found`
 */
export async function lockDraft(tx: Tx, id: string): Promise<PolicyVersion> {
  await lockPolicies(tx);
  const policy = await lockPolicy(tx, id);
  if (!policy) throw new DomainError('not-found', `There is no policy ${id}.`);
  return policy;
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
  await lockPolicies(tx);
  await tx.query(
    `insert into attribution_policy (program_id, id, name, version, body, created_by)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5 from attribution_policy where program_id = $1 and name = $3
     on conflict (program_id, id) do nothing`,
    [tx.programId, draft.id, draft.body.name, draft.body, draft.createdBy],
  );
  return getPolicy(tx, draft.id);
}

/** Replaces the body of a draft that `lockDraft` read. @throws DomainError `immutable` when it is no draft any more */
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

/**
 * The version that is, or was, in force before another: at the instant before its start, or now while it has none, for the first of its
 * conversion types (an exact type beats `*`). Undefined where nothing was in force.
 */
export async function findPolicyBefore(
  tx: Tx,
  { id, body, effectiveFrom }: PolicyVersion,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select p.policy_id as id
     from policy_period p
     where p.program_id = $1 and p.policy_id <> $2 and p.conversion_type in ($3, '*')
       and p.during @> coalesce($4::timestamptz - interval '1 microsecond', now())
     order by p.conversion_type = '*'
     limit 1`,
    [tx.programId, id, body.conversionTypes[0] ?? '*', effectiveFrom],
  );
  return rows[0]?.id;
}
