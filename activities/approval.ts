import type { Actor } from '../domain/actor.ts';
import { DomainError, invalid } from '../domain/errors.ts';
import type { Money } from '../domain/money/money.ts';
import { changeSettings } from '../domain/program/settings-document.ts';
import { joinIntake, lockPartnerBooks } from '../db/locks.ts';
import { findAdjustment, findOpenWindow, insertAdjustment } from '../db/queries/adjustment.ts';
import { findBrief, submitBrief } from '../db/queries/brief.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { findRefusedMail } from '../db/queries/mail-refusal.ts';
import { findHeldCommission, findHold, insertHold } from '../db/queries/hold.ts';
import { findSetAsideWork } from '../db/queries/set-aside-work.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { lockSettings, updateProgram } from '../db/queries/program.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { RequestApproval } from '../workflows/messages.ts';
import type { ActivityDeps } from './deps.ts';
import { openWindowsThrough } from './windows.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface ApprovalRequest {
  programId: string;
  subjectType: RequestApproval['subjectType'];
  subjectId: string;
  commandId?: string;
  actor: Actor;
  at: string;
}

/** A decision on a thing, as the activities that carry it out read it. */
export interface ApprovalDecision {
  programId: string;
  subjectId: string;
  outcome: string;
  taskId: string;
  by: Actor;
  at: string;
}

/** What is asked for, as the API stored it with the request. */
interface Asked {
  /** Adjustment. */
  partnerId?: string;
  value?: Money;
  relatesTo?: string;
  /** Hold: one commission, one conversion, or with `partnerId` alone everything of the partner. */
  commissionId?: string;
  conversionId?: string;
  until?: string;
  reason?: string;
  /** Setting: the changes of `PATCH /v1/program`. */
  settings?: unknown;
}

/** Taking in a request for approval. Repeated, it finds the thing it made. */
export function createApprovalActivities({ pool }: ActivityDeps) {
  return {
    /** Stores what is asked for. @returns whose money it is about @throws DomainError `invalid`, `not-found`, `illegal-transition` */
    async prepareApproval(request: ApprovalRequest): Promise<{ partnerId?: string }> {
      return inTransaction(pool, request.programId, async (tx) => {
        const asked = request.commandId ? ((await readCommandInput<Asked>(tx, request.commandId))?.data ?? {}) : {};
        return PREPARE[request.subjectType](tx, request, asked);
      });
    },

    /** Changes the money settings that were asked for, or leaves them. */
    async decideSetting(decision: ApprovalDecision & { requestId?: string }): Promise<void> {
      await inTransaction(pool, decision.programId, async (tx) => {
        const asked = decision.requestId ? await readCommandInput<Asked>(tx, decision.requestId) : undefined;
        if (!asked) throw new DomainError('not-found', 'What was asked for is gone.');
        if (decision.outcome === 'approve') {
          const settings = await lockSettings(tx);
          await updateProgram(tx, { settings: changeSettings(settings, asked.data.settings) });
        }
        const { subjectId: id, by: actor, at } = decision;
        await note(
          tx,
          decision.outcome === 'approve' ? 'setting.changed' : 'setting.rejected',
          { type: 'setting', id },
          { actor, at },
        );
      });
    },
  };
}

type Prepare = (tx: Tx, request: ApprovalRequest, asked: Asked) => Promise<{ partnerId?: string }>;

const PREPARE: Record<RequestApproval['subjectType'], Prepare> = {
  brief: async (tx, { subjectId: id, actor, at }) => {
    const brief = await findBrief(tx, id);
    if (!brief) throw new DomainError('not-found', `There is no brief ${id}.`);
    if (brief.state === 'submitted') return {};
    if (!(await submitBrief(tx, id, currentWorkflow()?.id ?? `approval/brief/${id}`))) {
      throw new DomainError('illegal-transition', `A brief that is ${brief.state} cannot be submitted.`);
    }
    await note(tx, 'brief.submitted', { type: 'brief', id }, { actor, at, name: brief.name });
    return {};
  },

  adjustment: async (tx, { subjectId: id, actor, at }, { partnerId, value, reason, relatesTo }) => {
    if (await findAdjustment(tx, id)) return { partnerId };
    if (!partnerId || !value || value.minor === 0)
      throw invalid('value', 'Give the partner and an amount that is not zero.');
    if (!reason?.trim()) throw invalid('reason', 'Say why.');
    await joinIntake(tx);
    await openWindowsThrough(tx, partnerId, at, { afterEnd: true });
    const window = await findOpenWindow(tx, partnerId, at);
    if (!window)
      throw invalid('partnerId', 'This partner has no open window; an adjustment needs a contract in force.');
    if (window.currency !== value.currency)
      throw invalid('value.currency', `This partner is paid in ${window.currency}.`);
    const requestedBy = actor.id ?? actor.kind;
    const { minor: amountMinor, currency } = value;
    await insertAdjustment(tx, {
      id,
      partnerId,
      amountMinor,
      currency,
      reason,
      relatesTo: relatesTo ?? null,
      requestedBy,
    });
    await note(tx, 'adjustment.requested', { type: 'adjustment', id }, { actor, at, partnerId, amountMinor, currency });
    return { partnerId };
  },

  setting: async (tx, { subjectId: id, actor, at }, { settings: changes }) => {
    const { settings } = await readProgramFrame(tx);
    changeSettings(settings, changes);
    await note(tx, 'setting.requested', { type: 'setting', id }, { actor, at });
    return {};
  },

  hold: async (tx, { subjectId: id, actor, at }, asked) => {
    const standing = await findHold(tx, id);
    if (standing) return { partnerId: standing.partnerId };
    const commission = asked.commissionId ? await findHeldCommission(tx, asked.commissionId) : undefined;
    if (asked.commissionId && !commission)
      throw invalid('commissionIds', `There is no commission ${asked.commissionId}.`);
    const partnerId = commission?.partnerId ?? asked.partnerId;
    if (!partnerId) throw invalid('partnerId', 'Name the commissions or the partner.');
    if (!asked.reason?.trim()) throw invalid('reason', 'Say why.');
    await lockPartnerBooks(tx, [partnerId]);
    const commissionId = asked.commissionId ?? null;
    const conversionId = asked.conversionId ?? null;
    const { reason, until } = asked;
    const placedBy = actor.id ?? actor.kind;
    await insertHold(tx, {
      id,
      partnerId,
      commissionId,
      conversionId,
      reason,
      untilAt: until ?? null,
      placedBy,
      placedAt: at,
    });
    await note(tx, 'hold.placed', { type: 'hold', id }, { actor, at, partnerId, commissionId, until: until ?? null });
    return { partnerId };
  },

  mail: async (tx, { subjectId: id }) => {
    const mail = await findRefusedMail(tx, id);
    if (!mail) throw new DomainError('not-found', `There is no mail ${id}.`);
    return { partnerId: mail.partnerId ?? undefined };
  },

  work: async (tx, { subjectId: id }) => {
    const aside = await findSetAsideWork(tx, id);
    if (!aside) throw new DomainError('not-found', `There is no work ${id}.`);
    return { partnerId: aside.partnerId ?? undefined };
  },
};

async function note(
  tx: Tx,
  kind: EventKind,
  subject: { type: string; id: string },
  { actor, at, partnerId, ...data }: { actor: Actor; at: string; partnerId?: string } & Record<string, unknown>,
): Promise<void> {
  await recordEvent(tx, { kind, actor, subject, partnerId: partnerId ?? null, data, at, workflow: currentWorkflow() });
}
