import type { Actor } from '../domain/actor.ts';
import { checkDraft } from '../domain/content/checks.ts';
import { DomainError } from '../domain/errors.ts';
import { readCommandInput } from '../db/queries/command-input.ts';
import {
  decideContentRound,
  insertContent,
  insertContentRound,
  listOwnLinks,
  lockContent,
  updateContentState,
} from '../db/queries/content.ts';
import type { ContentState } from '../domain/content/review.ts';
import { recordEvent } from '../db/queries/event.ts';
import type { EventKind } from '../domain/event/catalogue.ts';
import { lockPartner } from '../db/queries/partner.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

interface ContentStep {
  programId: string;
  partnerId: string;
  contentId: string;
  actor: Actor;
  at: string;
}

/** A first draft (`content.submit`), or a further one in the `data` of a revision. */
interface DraftInput {
  title?: string;
  kind?: string;
  platform?: string;
  assetVersionIds?: string[];
  draftUrl?: string;
  text?: string;
  reason?: string;
  data?: { draftUrl?: string; text?: string; url?: string; publishedAt?: string };
}

const ROUND_EVENTS = {
  approved: 'content.approve',
  changes_requested: 'content.request-changes',
  rejected: 'content.reject',
} as const satisfies Partial<Record<ContentState, EventKind>>;

/** One thing that a partner publishes, in rounds of draft and review. */
export function createContentActivities({ pool }: ActivityDeps) {
  return {
    /** Makes a piece of content; the same id again changes nothing. @throws DomainError `illegal-transition` unless the partner is active */
    async createContent(step: ContentStep & { commandId: string }): Promise<void> {
      await inTransaction(pool, step.programId, async (tx) => {
        const partner = await lockPartner(tx, step.partnerId);
        if (partner.status !== 'active') {
          throw new DomainError('illegal-transition', `A partner that is ${partner.status} hands in no new content.`);
        }
        const input = await inputOf(tx, step.commandId);
        await insertContent(tx, {
          id: step.contentId,
          partnerId: step.partnerId,
          title: input.title ?? '',
          kind: input.kind ?? 'post',
          platform: input.platform ?? '',
          assetVersionIds: input.assetVersionIds ?? [],
          workflowId: `content/${step.contentId}`,
        });
      });
    },

    /** Adds a round with its automatic checks. */
    async submitDraft(step: ContentStep & { round: number; commandId: string }): Promise<void> {
      await inTransaction(pool, step.programId, async (tx) => {
        await lockContent(tx, step.contentId);
        const input = await inputOf(tx, step.commandId);
        const text = input.data?.text ?? input.text ?? null;
        const draftUrl = input.data?.draftUrl ?? input.draftUrl ?? null;
        const checks = checkDraft(text, await listOwnLinks(tx, step.partnerId));
        const { contentId, round, at } = step;
        const isNew = await insertContentRound(tx, { contentId, round, draftUrl, text, checks, at });
        if (!isNew) return;
        const missing = checks.filter(({ result }) => result === 'missing').map(({ name }) => name);
        await note(tx, step, 'content.submitted', { round, missing });
      });
    },

    /** Writes a reviewer's outcome of a round. */
    async decideRound(
      step: ContentStep & { round: number; outcome: string; commandId?: string; to: keyof typeof ROUND_EVENTS },
    ): Promise<void> {
      await inTransaction(pool, step.programId, async (tx) => {
        const { contentId, round, outcome, at, actor } = step;
        const content = await lockContent(tx, contentId);
        const comment = step.commandId === undefined ? null : ((await inputOf(tx, step.commandId)).reason ?? null);
        await decideContentRound(tx, { contentId, round, outcome, comment, by: actor.id ?? actor.kind, at });
        if (content.state === step.to) return;
        await updateContentState(tx, contentId, step.to);
        await note(tx, step, ROUND_EVENTS[step.to], { round });
      });
    },

    /** Moves content on that was published, seen live or withdrawn; `cause` says why where nobody chose it. */
    async moveContent(
      step: ContentStep & { to: 'published' | 'live' | 'withdrawn'; commandId?: string; cause?: 'partner-ended' },
    ): Promise<void> {
      await inTransaction(pool, step.programId, async (tx) => {
        const content = await lockContent(tx, step.contentId);
        if (content.state === step.to) return;
        const { data } = step.commandId === undefined ? {} : await inputOf(tx, step.commandId);
        const published = data?.url && data.publishedAt ? { url: data.url, at: data.publishedAt } : null;
        await updateContentState(tx, step.contentId, step.to, published);
        await note(tx, step, `content.${step.to}`, step.cause === undefined ? {} : { cause: step.cause });
      });
    },
  };
}

async function inputOf(tx: Tx, commandId: string): Promise<DraftInput> {
  return (await readCommandInput<DraftInput>(tx, commandId))?.data ?? {};
}

async function note(tx: Tx, step: ContentStep, kind: EventKind, data: Record<string, unknown>): Promise<void> {
  await recordEvent(tx, {
    kind,
    actor: step.actor,
    subject: { type: 'content', id: step.contentId },
    partnerId: step.partnerId,
    data,
    at: step.at,
    workflow: currentWorkflow(),
  });
}
