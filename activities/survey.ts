import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import { emptyWeights } from '../domain/brief/brief.ts';
import { fitScore } from '../domain/partner/fit-score.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import { lockPartner } from '../db/queries/partner.ts';
import { findActiveBrief, findPartnerSurvey, insertPartnerSurvey, writeFit } from '../db/queries/partner-survey.ts';
import type { SurveyAnswers } from '../db/queries/partner-survey.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What partners answer about themselves, and how well that fits what the programme looks for. */
export function createSurveyActivities({ pool }: ActivityDeps) {
  return {
    /** Stores the answers that came with a decision; the same round again changes nothing. */
    async storeSurvey(about: {
      programId: string;
      partnerId: string;
      round: number;
      commandId: string;
      actor: Actor;
      at: string;
    }): Promise<void> {
      await inTransaction(pool, about.programId, async (tx) => {
        const input = await readCommandInput<{ data?: { answers?: SurveyAnswers } }>(tx, about.commandId);
        const answers = input?.data.data?.answers;
        if (!answers) throw new DomainError('not-found', 'The answers of this survey are gone.');
        const { partnerId, round, at } = about;
        await insertPartnerSurvey(tx, { partnerId, round, answers, at });
        await recordEvent(tx, {
          kind: 'partner.answered',
          actor: about.actor,
          subject: { type: 'partner', id: partnerId },
          partnerId,
          data: { round },
          at,
          workflow: currentWorkflow(),
        });
      });
    },

    /** Scores the newest answers against the brief in force now; without a brief everybody scores 0, and nothing is explained. */
    async scoreFit(about: { programId: string; partnerId: string }): Promise<void> {
      await inTransaction(pool, about.programId, async (tx) => {
        const partner = await lockPartner(tx, about.partnerId);
        const survey = await findPartnerSurvey(tx, about.partnerId);
        if (!survey) return;
        const brief = await findActiveBrief(tx);
        const said = {
          type: partner.type,
          channels: [...new Set([...partner.channels, ...survey.answers.channels])],
          verticals: [...new Set([...partner.verticals, ...survey.answers.verticals])],
          market: partner.marketCode,
        };
        const fit = fitScore(said, brief?.weights ?? emptyWeights());
        await writeFit(tx, { partnerId: partner.id, round: survey.round, fit, briefId: brief?.id ?? null });
      });
    },
  };
}
