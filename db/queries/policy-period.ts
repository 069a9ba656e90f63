import type { PolicySpan } from '../../domain/attribution/in-force.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { epochMicros } from '../../domain/time/instant.ts';
import type { Tx } from '../transaction.ts';

/** A policy version in force over an interval, by its effective date or by an executed re-evaluation. */
export interface PolicyInForce extends PolicySpan {
  policy: Policy;
  evaluationId: string | null;
  /** The cut of the evaluation: what was received before it counts for a locked conversion too. */
  cutAt: string | null;
}

const ALWAYS = '0001-01-01T00:00:00Z';

/**
 * All spans of the program: periods received before the horizon, each until the next of them, and evaluations executed at or before what is
 * sealed. At a cut nothing is executed that was stamped with the very instant of the cut: it came after it.
 */
export async function readPolicySpans(
  tx: Tx,
  { horizon, sealedAt }: { horizon: string; sealedAt: string },
): Promise<PolicyInForce[]> {
  const { rows } = await tx.query<{
    policyId: string;
    types: string[];
    from: string | null;
    to: string | null;
    executedAt: string | null;
    evaluationId: string | null;
    cutAt: string | null;
    policy: Policy;
  }>(
    `select p.policy_id as "policyId", array[p.conversion_type] as types, lower(p.during) as from,
       lead(lower(p.during)) over (partition by p.conversion_type order by lower(p.during) nulls first) as to, null::timestamptz as "executedAt",
       null as "evaluationId", null::timestamptz as "cutAt", a.body as policy
     from policy_period p
     join attribution_policy a on a.program_id = p.program_id and a.id = p.policy_id
     where p.program_id = $1 and p.received_at < $2
     union all
     select e.policy_id, array(select jsonb_array_elements_text(a.body -> 'conversionTypes')), e.from_at, e.to_at, e.executed_at, e.id, e.cut_at,
       a.body
     from evaluation e
     join attribution_policy a on a.program_id = e.program_id and a.id = e.policy_id
     where e.program_id = $1 and e.executed_at <= $3 and e.executed_at < $2`,
    [tx.programId, horizon, sealedAt],
  );
  return rows.map(({ types, from, executedAt, ...row }) => ({
    ...row,
    conversionTypes: types,
    from: from === null || from === '-infinity' ? ALWAYS : from,
    to: row.to === 'infinity' ? null : row.to,
    execution: executedAt === null ? 0 : epochMicros(executedAt),
  }));
}
