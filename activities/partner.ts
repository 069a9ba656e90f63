import type { Actor } from '../domain/actor.ts';
import { DomainError } from '../domain/errors.ts';
import type { PartnerState } from '../domain/partner/lifecycle.ts';
import { durationMs } from '../domain/time/duration.ts';
import { joinIntake, lockPartnerBooks } from '../db/locks.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import { findMarketOfCountry, insertPartner, lockPartner, updatePartnerStatus } from '../db/queries/partner.ts';
import { insertProfile } from '../db/queries/partner-profile.ts';
import { insertPartnerSurvey } from '../db/queries/partner-survey.ts';
import type { SurveyAnswers } from '../db/queries/partner-survey.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { listPeopleOfRoles } from '../db/queries/task-audience.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import { endContract } from './contract-end.ts';
import type { ActivityDeps } from './deps.ts';
import { mailPartnerStatus } from './partner-mail.ts';
import { currentWorkflow } from './workflow-context.ts';

/** What the API stores for `partner.create` (api/contracts/partner.ts); `answers` come with an application. */
interface PartnerInput {
  name: string;
  email: string;
  type: string;
  country: string;
  language?: string;
  timeZone?: string;
  currency?: string;
  channels?: string[];
  verticals?: string[];
  source?: string;
  externalId?: string;
  answers?: SurveyAnswers;
}

export interface PartnerStep {
  programId: string;
  partnerId: string;
  from: PartnerState;
  to: PartnerState;
  round: number;
  actor: Actor;
  /** Under which the reason lies. */
  commandId?: string;
  reapplyAfter?: string;
  /** The contract in force that ends with this step. */
  endsContractId?: string;
  /** When the terms of that contract were over, where that is the reason. */
  expiresAt?: string;
  at: string;
}

/** Milliseconds that the stages wait by, from the programme's settings. */
export interface Pace {
  waitlistReturnMs: number;
  waitlistOverMs: number;
  lateAnswerMs: number;
  reapplyAfterMs: number;
  counterRounds: number;
  contentRounds: number;
  contentCheckMs: number;
}

export function createPartnerActivities({ pool }: ActivityDeps) {
  return {
    /**
     * Makes the partner from what the API stored; twice makes it once.
     * @throws DomainError `duplicate` with `existingId`
     */
    async createPartner(about: {
      programId: string;
      partnerId: string;
      entry: 'team' | 'application';
      commandId: string;
      actor: Actor;
      at: string;
    }): Promise<{ status: PartnerState }> {
      const status = about.entry === 'team' ? 'surveying' : 'screening';
      await inTransaction(pool, about.programId, async (tx) => {
        const input = (await readCommandInput<PartnerInput>(tx, about.commandId))?.data;
        if (!input) throw new DomainError('not-found', 'What was sent with this command is gone; send it again.');
        const receivedAt = await joinIntake(tx);
        const market = await findMarketOfCountry(tx, input.country);
        const { partnerId, at } = about;
        const isNew = await insertPartner(tx, {
          id: partnerId,
          externalId: input.externalId ?? null,
          name: input.name,
          email: input.email,
          type: input.type,
          country: input.country,
          marketCode: market?.code ?? null,
          channels: input.channels ?? [],
          verticals: input.verticals ?? [],
          source: input.source ?? null,
          status,
          ownerId: await ownerOf(tx, about.actor, market?.code ?? null),
          workflowId: `partner/${partnerId}`,
          at,
        });
        if (!isNew) return;
        await insertProfile(tx, {
          partnerId,
          effectiveFrom: at,
          language: input.language ?? market?.language ?? 'en',
          timeZone: input.timeZone ?? market?.timeZone ?? 'UTC',
          currency: input.currency ?? market?.currency ?? (await readProgramFrame(tx)).currency,
          type: input.type,
          marketCode: market?.code ?? null,
          receivedAt,
        });
        if (input.answers) await insertPartnerSurvey(tx, { partnerId, round: 1, answers: input.answers, at });
        await recordEvent(tx, {
          kind: about.entry === 'team' ? 'partner.invited' : 'partner.applied',
          actor: about.actor,
          subject: { type: 'partner', id: partnerId },
          partnerId,
          at,
          workflow: currentWorkflow(),
        });
      });
      return { status };
    },

    /** Moves a partner from one state to another, with its event and mail; a repeated step finds it there. */
    async movePartner(step: PartnerStep): Promise<void> {
      await inTransaction(pool, step.programId, async (tx) => {
        const receivedAt = step.endsContractId === undefined ? null : await joinIntake(tx);
        // Before the partner's row, as locks go: a window from the end on may go only while nobody posts into it.
        if (receivedAt !== null) await lockPartnerBooks(tx, [step.partnerId]);
        const partner = await lockPartner(tx, step.partnerId);
        if (partner.status === step.to && partner.round === step.round) return;
        const { partnerId, to: status, round, at } = step;
        const reason = await reasonOf(tx, step);
        await updatePartnerStatus(tx, {
          partnerId,
          status,
          round,
          reason,
          reapplyAfter: step.reapplyAfter ?? null,
          at,
        });
        if (step.endsContractId !== undefined && receivedAt !== null) {
          const { endsContractId: contractId, expiresAt, actor } = step;
          await endContract(tx, { partnerId, contractId, at, expiresAt, receivedAt, actor });
        }
        await recordEvent(tx, {
          kind: `partner.${status}`,
          actor: step.actor,
          subject: { type: 'partner', id: partnerId },
          partnerId,
          data: { from: step.from, round, ...(step.reapplyAfter && { reapplyAfter: step.reapplyAfter }) },
          at,
          workflow: currentWorkflow(),
        });
        await mailPartnerStatus(tx, { partnerId, status, round, reason, expiresAt: step.expiresAt, at });
      });
    },

    /** From when a declined partner may apply again: the date that was given with the decision, or the programme's own after `at`. */
    async reapplyDate(about: { programId: string; commandId?: string; at: string }): Promise<string> {
      return inTransaction(pool, about.programId, async (tx) => {
        const { commandId } = about;
        const input = commandId
          ? await readCommandInput<{ data?: { reapplyAfter?: string } }>(tx, commandId)
          : undefined;
        const given = input?.data.data?.reapplyAfter;
        if (given) return new Date(given).toISOString();
        const { settings } = await readProgramFrame(tx);
        return new Date(Date.parse(about.at) + durationMs(settings.durations.reapplyAfter)).toISOString();
      });
    },

    /** The durations and limits by which stages wait now. */
    async readPace({ programId }: { programId: string }): Promise<Pace> {
      const { settings } = await inTransaction(pool, programId, readProgramFrame);
      const { durations, gates } = settings;
      return {
        waitlistReturnMs: durationMs(durations.waitlistReturn),
        waitlistOverMs: durationMs(durations.waitlistOver),
        lateAnswerMs: durationMs(durations.lateAnswer),
        reapplyAfterMs: durationMs(durations.reapplyAfter),
        counterRounds: gates.counterRounds,
        contentRounds: gates.contentRounds,
        contentCheckMs: durationMs(durations.contentCheck),
      };
    },
  };
}

/** Whoever of the partner managers invited the partner looks after it; else the first one of its market. */
async function ownerOf(tx: Tx, actor: Actor, market: string | null): Promise<string | null> {
  const managers = await listPeopleOfRoles(tx, ['partner_manager'], market);
  const inviting = actor.kind === 'person' ? managers.find(({ id }) => id === actor.id) : undefined;
  return (inviting ?? managers[0])?.id ?? null;
}

async function reasonOf(tx: Tx, { commandId, expiresAt }: PartnerStep): Promise<string | null> {
  if (expiresAt !== undefined) return 'The contract expired.';
  if (commandId === undefined) return null;
  return (await readCommandInput<{ reason?: string }>(tx, commandId))?.data.reason ?? null;
}
