import type { QuizQuestion } from '../../domain/enablement/quiz.ts';
import type { Tx } from '../transaction.ts';

export interface TrainingModule {
  id: string;
  title: string;
  body: string;
  questions: QuizQuestion[];
  passMark: number;
}

export async function findTrainingModule(tx: Tx, id: string): Promise<TrainingModule | undefined> {
  const { rows } = await tx.query<TrainingModule>(
    `select id, title, body, questions, pass_mark as "passMark" from training_module where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}

/** Required modules that are taught now and that this partner has not passed, oldest first. */
export async function listModulesToPass(tx: Tx, partnerId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from training_module m
     where program_id = $1 and required and retired_at is null
       and not exists (select from training_result r
         where r.program_id = m.program_id and r.partner_id = $2 and r.module_id = m.id and r.passed)
     order by created_at, id`,
    [tx.programId, partnerId],
  );
  return rows.map((row) => row.id);
}

export async function countTrainingAttempts(tx: Tx, partnerId: string, moduleId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    'select coalesce(max(attempt), 0) as count from training_result where program_id = $1 and partner_id = $2 and module_id = $3',
    [tx.programId, partnerId, moduleId],
  );
  return rows[0]?.count ?? 0;
}

export interface TrainingResult {
  partnerId: string;
  moduleId: string;
  attempt: number;
  answers: unknown;
  score: number;
  passed: boolean;
  at: string;
}

/** One result per attempt; the same attempt again changes nothing. @returns whether it is new */
export async function insertTrainingResult(tx: Tx, result: TrainingResult): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into training_result (program_id, partner_id, module_id, attempt, answers, score, passed, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict do nothing`,
    [
      tx.programId,
      result.partnerId,
      result.moduleId,
      result.attempt,
      result.answers,
      result.score,
      result.passed,
      result.at,
    ],
  );
  return rowCount === 1;
}
