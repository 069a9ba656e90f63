import type { BriefWeights } from '../../domain/brief/brief.ts';
import type { FitScore } from '../../domain/partner/fit-score.ts';
import type { Tx } from '../transaction.ts';

/** What a partner answers about itself (api.md §2, `partner.survey`). */
export interface SurveyAnswers {
  audienceSize: number;
  channels: string[];
  verticals: string[];
  regions: string[];
  contentStyle?: string;
  priorPrograms?: string;
  motivation?: string;
}

/** Stores the answers of a round; the same round again changes nothing. */
export async function insertPartnerSurvey(
  tx: Tx,
  survey: { partnerId: string; round: number; answers: SurveyAnswers; at: string },
): Promise<void> {
  await tx.query(
    `insert into partner_survey (program_id, partner_id, round, answers, answered_at)
     values ($1, $2, $3, $4, $5)
     on conflict (program_id, partner_id, round) do nothing`,
    [tx.programId, survey.partnerId, survey.round, survey.answers, survey.at],
  );
}

export async function writeFit(
  tx: Tx,
  fit: { partnerId: string; round: number; fit: FitScore; briefId: string | null },
): Promise<void> {
  await tx.query(
    `update partner_survey set fit_score = $4, fit = $5, brief_id = $6
     where program_id = $1 and partner_id = $2 and round = $3`,
    [tx.programId, fit.partnerId, fit.round, fit.fit.score, fit.fit, fit.briefId],
  );
}

export interface PartnerSurveyRow {
  round: number;
  answers: SurveyAnswers;
  fitScore: number | null;
  fit: FitScore | null;
  briefId: string | null;
}

/** The newest answers of a partner, or undefined. */
export async function findPartnerSurvey(tx: Tx, partnerId: string): Promise<PartnerSurveyRow | undefined> {
  const { rows } = await tx.query<PartnerSurveyRow>(
    `select round, answers, fit_score as "fitScore", fit, brief_id as "briefId"
     from partner_survey where program_id = $1 and partner_id = $2 order by round desc limit 1`,
    [tx.programId, partnerId],
  );
  return rows[0];
}

/** What the programme looks for now; undefined before the first brief. */
export async function findActiveBrief(tx: Tx): Promise<{ id: string; weights: BriefWeights } | undefined> {
  const { rows } = await tx.query<{ id: string; weights: BriefWeights }>(
    `select id, weights from brief where program_id = $1 and state = 'active'`,
    [tx.programId],
  );
  return rows[0];
}
