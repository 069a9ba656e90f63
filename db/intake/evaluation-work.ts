import type { Tx } from '../transaction.ts';

/** Conversions of one work row of an evaluation. */
const CONVERSIONS_PER_ROW = 5_000;

/** Queues the conversions of an executed evaluation for the feed, with the stamp of its execution. */
export async function queueEvaluationWork(
  tx: Tx,
  evaluationId: string,
  studyId: string,
  executedAt: string,
): Promise<void> {
  await tx.query(
    `insert into intake_work (program_id, kind, evaluation_id, conversion_id, external_id, received_at)
     select $1, 'evaluation', $2, coalesce(lag(max(id)) over (order by chunk), ''), max(id), $4
     from (
       select id, (row_number() over (order by id) - 1) / $5 as chunk
       from (select distinct conversion_id as id from study_line where program_id = $1 and study_id = $3) s
     ) n
     group by chunk`,
    [tx.programId, evaluationId, studyId, executedAt, CONVERSIONS_PER_ROW],
  );
  // What came between cut and execution is in no line, but the rule is in force for it too. Which conversions these are is known only
  // once the execution is sealed: another intake may stamp before it and commit after it.
  await tx.query(
    `insert into intake_work (program_id, kind, evaluation_id, from_at, to_at, received_at)
     select program_id, 'range', id, from_at, to_at, $3 from evaluation where program_id = $1 and id = $2`,
    [tx.programId, evaluationId, executedAt],
  );
}
