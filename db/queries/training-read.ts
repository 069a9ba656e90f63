import type { QuizQuestion } from '../../domain/enablement/quiz.ts';
import type { Tx } from '../transaction.ts';

export interface TrainingView {
  id: string;
  title: string;
  body: string;
  questions: QuizQuestion[];
  passMark: number;
  required: boolean;
  createdAt: string;
  retiredAt: string | null;
}

const VIEW = `id, title, body, questions, pass_mark as "passMark", required, created_at as "createdAt", retired_at as "retiredAt"`;

/** Training modules with the right answers, oldest first. */
export async function listTrainingModules(
  tx: Tx,
  filter: { id?: string; afterId?: string; limit: number },
): Promise<TrainingView[]> {
  const { rows } = await tx.query<TrainingView>(
    `select ${VIEW} from training_module
     where program_id = $1 and ($2::text is null or id = $2) and ($3::text is null or id > $3) order by id limit $4`,
    [tx.programId, filter.id ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

/** Adds a training module; the same id again changes nothing. */
export async function insertModule(
  tx: Tx,
  module: Pick<TrainingView, 'id' | 'title' | 'body' | 'questions' | 'passMark' | 'required'>,
): Promise<void> {
  await tx.query(
    `insert into training_module (program_id, id, title, body, questions, pass_mark, required)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (program_id, id) do nothing`,
    [
      tx.programId,
      module.id,
      module.title,
      module.body,
      JSON.stringify(module.questions),
      module.passMark,
      module.required,
    ],
  );
}
