import type { Tx } from '../transaction.ts';

/** One line as people read it: the commission with what it came from and why it is what it is. */
export interface StatementLine {
  commissionId: string;
  kind: string;
  minor: number;
  currency: string;
  conversionId: string | null;
  conversionExternalId: string | null;
  conversionAt: string | null;
  rule: unknown;
  contractId: string | null;
  contractVersion: number | null;
  policyId: string | null;
  evaluationId: string | null;
  windowId: string;
  reason: string | null;
}

/** The lines of a statement, by the time of their conversions. */
export async function listStatementLines(tx: Tx, statementId: string): Promise<StatementLine[]> {
  const { rows } = await tx.query<StatementLine>(
    `select c.id as "commissionId", c.kind, l.amount_minor as minor, c.currency, c.conversion_id as "conversionId",
       v.external_id as "conversionExternalId", c.conversion_at as "conversionAt", c.rule, c.contract_id as "contractId",
       c.contract_version as "contractVersion", c.policy_id as "policyId", c.evaluation_id as "evaluationId",
       c.window_id as "windowId", c.reason
     from statement_line l
     join commission c on c.program_id = l.program_id and c.id = l.commission_id
     left join conversion v on v.program_id = c.program_id and v.id = c.conversion_id
     where l.program_id = $1 and l.statement_id = $2
     order by c.conversion_at nulls last, c.id`,
    [tx.programId, statementId],
  );
  return rows;
}
