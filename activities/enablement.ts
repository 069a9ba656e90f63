import type { Actor } from '../domain/actor.ts';
import { scoreQuiz } from '../domain/enablement/quiz.ts';
import { DomainError } from '../domain/errors.ts';
import type { RequiredFor } from '../domain/program/settings.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import {
  countTrainingAttempts,
  findTrainingModule,
  insertTrainingResult,
  listModulesToPass,
} from '../db/queries/enablement.ts';
import { recordEvent } from '../db/queries/event.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findVerifiedDetails } from '../db/queries/verified-details.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What still stands between a signed contract and sales, or money. */
export interface EnablementPlan {
  moduleIds: string[];
  needsDetails: boolean;
  /** Which of both must be there before the partner is active. */
  gates: { training: RequiredFor; payoutDetails: RequiredFor };
}

export function createEnablementActivities({ pool }: ActivityDeps) {
  return {
    async planEnablement(about: { programId: string; partnerId: string }): Promise<EnablementPlan> {
      return inTransaction(pool, about.programId, async (tx) => {
        const { settings } = await readProgramFrame(tx);
        return {
          moduleIds: await listModulesToPass(tx, about.partnerId),
          needsDetails: (await findVerifiedDetails(tx, about.partnerId)) === undefined,
          gates: { training: settings.gates.training, payoutDetails: settings.gates.payoutDetails },
        };
      });
    },

    /** Scores the answers of a quiz and keeps the result; the same attempt again returns it. */
    async scoreTraining(about: {
      programId: string;
      partnerId: string;
      moduleId: string;
      attempt: number;
      commandId: string;
      actor: Actor;
      at: string;
    }): Promise<{ passed: boolean }> {
      return inTransaction(pool, about.programId, async (tx) => {
        const { partnerId, moduleId, attempt, at } = about;
        const module = await findTrainingModule(tx, moduleId);
        if (!module) throw new DomainError('not-found', `There is no training module ${moduleId}.`);
        const input = await readCommandInput<{ data?: { answers?: unknown } }>(tx, about.commandId);
        const answers = input?.data.data?.answers ?? {};
        const { percent: score, passed } = scoreQuiz(module.questions, answers, module.passMark);
        const isNew = await insertTrainingResult(tx, { partnerId, moduleId, attempt, answers, score, passed, at });
        if (isNew) {
          await recordEvent(tx, {
            kind: passed ? 'training.passed' : 'training.failed',
            actor: about.actor,
            subject: { type: 'training-module', id: moduleId },
            partnerId,
            data: { attempt, score },
            at,
            workflow: currentWorkflow(),
          });
        }
        return { passed };
      });
    },

    /** How often a partner has tried a module. */
    async countAttempts(about: { programId: string; partnerId: string; moduleId: string }): Promise<number> {
      return inTransaction(pool, about.programId, (tx) => countTrainingAttempts(tx, about.partnerId, about.moduleId));
    },
  };
}
