import type { Tx } from '../transaction.ts';

export interface PayoutGate {
  partnerStatus: string;
  /** Required trainings that the partner has not passed. */
  openTrainings: number;
}

/** What may keep an approved statement from being paid, besides the details. */
export async function readPayoutGate(tx: Tx, partnerId: string): Promise<PayoutGate> {
  const { rows } = await tx.query<PayoutGate>(
    `select p.status as "partnerStatus",
       (select count(*)::int from training_module m
        where m.program_id = p.program_id and m.required and m.retired_at is null
          and not exists (
            select from training_result r
            where r.program_id = m.program_id and r.module_id = m.id and r.partner_id = p.id and r.passed)) as "openTrainings"
     from partner p where p.program_id = $1 and p.id = $2`,
    [tx.programId, partnerId],
  );
  return rows[0] ?? { partnerStatus: 'unknown', openTrainings: 0 };
}

/**
 * Holds that cover a line of the statement: on the partner, on the conversion, or on one of its commissions. The rule of `STANDING_HOLDS`, asked
 * from the side of the hold: a partner has few that stand, and a statement may have thousands of lines.
 */
export async function countStandingHolds(tx: Tx, partnerId: string, statementId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count
     from hold h
     left join commission held on held.program_id = h.program_id and held.id = h.commission_id
     where h.program_id = $1 and h.partner_id = $2 and h.ended_at is null
       and ((h.commission_id is null and h.conversion_id is null)
         or exists (
           select from statement_line l join commission c on c.program_id = l.program_id and c.id = l.commission_id
           where l.program_id = h.program_id and l.statement_id = $3
             and (c.id = h.commission_id or c.conversion_id in (h.conversion_id, held.conversion_id))))`,
    [tx.programId, partnerId, statementId],
  );
  return rows[0]?.count ?? 0;
}
