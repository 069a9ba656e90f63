import type { SurveyAnswers, SurveyQuestion } from '../../domain/survey/question.ts';
import type { Tx } from '../transaction.ts';

export interface Survey {
  id: string;
  title: string;
  questions: SurveyQuestion[];
  /** Closed by a person, or because its time is over. */
  state: 'open' | 'closed';
  linkHash: string;
  createdBy: string;
  createdAt: string;
  closesAt: string | null;
  responses: number;
}

const SURVEY = `
  select s.id, s.title, s.questions, case when s.closes_at <= clock_timestamp() then 'closed' else s.state end as state, s.link_hash as "linkHash",
    s.created_by as "createdBy", s.created_at as "createdAt", s.closes_at as "closesAt",
    (select count(*)::int from survey_response r where r.program_id = s.program_id and r.survey_id = s.id) as responses
  from survey s
  where s.program_id = $1`;

export type NewSurvey = Pick<Survey, 'id' | 'title' | 'questions' | 'linkHash' | 'createdBy' | 'closesAt'>;

/** Opens a survey; the same id again gives it the new link, for a request that is repeated never heard of the first. */
export async function insertSurvey(tx: Tx, survey: NewSurvey): Promise<void> {
  await tx.query(
    `insert into survey (program_id, id, title, questions, link_hash, created_by, closes_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, id) do update set link_hash = excluded.link_hash`,
    [
      tx.programId,
      survey.id,
      survey.title,
      JSON.stringify(survey.questions),
      survey.linkHash,
      survey.createdBy,
      survey.closesAt,
    ],
  );
}

export async function findSurvey(tx: Tx, id: string): Promise<Survey | undefined> {
  const { rows } = await tx.query<Survey>(`${SURVEY} and s.id = $2`, [tx.programId, id]);
  return rows[0];
}

export async function listSurveys(tx: Tx, filter: { afterId?: string; limit: number }): Promise<Survey[]> {
  const { rows } = await tx.query<Survey>(`${SURVEY} and ($2::text is null or s.id > $2) order by s.id limit $3`, [
    tx.programId,
    filter.afterId ?? null,
    filter.limit,
  ]);
  return rows;
}

/** @returns false when it was closed before */
export async function closeSurvey(tx: Tx, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update survey set state = 'closed' where program_id = $1 and id = $2 and state = 'open'`,
    [tx.programId, id],
  );
  return rowCount === 1;
}

export async function insertSurveyResponse(
  tx: Tx,
  response: { id: string; surveyId: string; answers: SurveyAnswers; language: string | null },
): Promise<void> {
  await tx.query(
    `insert into survey_response (program_id, id, survey_id, answers, language) values ($1, $2, $3, $4, $5)
     on conflict (program_id, id) do nothing`,
    [tx.programId, response.id, response.surveyId, response.answers, response.language],
  );
}

export async function listSurveyAnswers(tx: Tx, surveyId: string): Promise<SurveyAnswers[]> {
  const { rows } = await tx.query<{ answers: SurveyAnswers }>(
    'select answers from survey_response where program_id = $1 and survey_id = $2 order by id',
    [tx.programId, surveyId],
  );
  return rows.map(({ answers }) => answers);
}
