import type { Tx } from '../transaction.ts';

/** Open tasks of one kind by how long they wait. */
export interface TaskAges {
  kind: string;
  role: string;
  open: number;
  underOneDay: number;
  oneToThreeDays: number;
  threeToSevenDays: number;
  overSevenDays: number;
  overdue: number;
  oldestOpenedAt: string;
}

export async function countTaskAges(tx: Tx, at: string): Promise<TaskAges[]> {
  const { rows } = await tx.query<TaskAges>(
    `select kind, role, count(*)::int as open,
       count(*) filter (where age < interval '1 day')::int as "underOneDay",
       count(*) filter (where age >= interval '1 day' and age < interval '3 days')::int as "oneToThreeDays",
       count(*) filter (where age >= interval '3 days' and age < interval '7 days')::int as "threeToSevenDays",
       count(*) filter (where age >= interval '7 days')::int as "overSevenDays",
       count(*) filter (where due_at < $2)::int as overdue, min(opened_at) as "oldestOpenedAt"
     from (select *, $2::timestamptz - opened_at as age from task where program_id = $1 and state = 'open') t
     group by kind, role
     order by kind, role`,
    [tx.programId, at],
  );
  return rows;
}

/** Tasks with a due date that ended in a range, and how many of them in time. `kept` is null where none ended. */
export interface SlaOfKind {
  kind: string;
  ended: number;
  inTime: number;
}

/** A task that closed at its deadline without a person is not in time. */
export async function countSlaKept(tx: Tx, { from, to }: { from: string; to: string }): Promise<SlaOfKind[]> {
  const { rows } = await tx.query<SlaOfKind>(
    `select kind, count(*)::int as ended,
       count(*) filter (where state = 'done' and decided_by_kind <> 'rule' and decided_at <= due_at)::int as "inTime"
     from task
     where program_id = $1 and due_at is not null
       and ((state = 'done' and decided_at >= $2 and decided_at < $3) or (state = 'expired' and due_at >= $2 and due_at < $3))
     group by kind
     order by kind`,
    [tx.programId, from, to],
  );
  return rows;
}

/** Decisions of the team's people in a range, and how many partners they were about. */
export async function countManualTouches(
  tx: Tx,
  { from, to }: { from: string; to: string },
): Promise<{ decisions: number; partners: number }> {
  const { rows } = await tx.query<{ decisions: number; partners: number }>(
    `select count(*)::int as decisions, count(distinct partner_id)::int as partners
     from task
     where program_id = $1 and state = 'done' and decided_by_kind = 'person' and decided_at >= $2 and decided_at < $3 and partner_id is not null`,
    [tx.programId, from, to],
  );
  return rows[0]!;
}

/** One stage of the journey: partners that are in it now, and partners that ever reached it. */
export interface StageOfFunnel {
  stage: string;
  now: number;
  reached: number;
}

export async function countStages(tx: Tx, stages: readonly string[]): Promise<StageOfFunnel[]> {
  const { rows } = await tx.query<StageOfFunnel>(
    `select s.stage,
       (select count(*)::int from partner p where p.program_id = $1 and p.status = s.stage) as now,
       (select count(distinct id)::int from (
         select p.id from partner p where p.program_id = $1 and p.status = s.stage
         union all
         select e.partner_id from event e where e.program_id = $1 and e.kind = 'partner.' || s.stage and e.partner_id is not null
       ) r) as reached
     from unnest($2::text[]) with ordinality as s (stage, no)
     order by s.no`,
    [tx.programId, stages],
  );
  return rows;
}
