import type { ContentState } from '../../domain/content/review.ts';
import type { ContentCheck } from '../../domain/content/checks.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Tx } from '../transaction.ts';

export interface NewContent {
  id: string;
  partnerId: string;
  title: string;
  kind: string;
  platform: string;
  assetVersionIds: string[];
  workflowId: string;
}

/** Adds a piece of content; the same id again changes nothing. */
export async function insertContent(tx: Tx, content: NewContent): Promise<void> {
  await tx.query(
    `insert into content (program_id, id, partner_id, title, kind, platform, state, asset_version_ids, workflow_id)
     values ($1, $2, $3, $4, $5, $6, 'in_review', $7, $8)
     on conflict (program_id, id) do nothing`,
    [
      tx.programId,
      content.id,
      content.partnerId,
      content.title,
      content.kind,
      content.platform,
      content.assetVersionIds,
      content.workflowId,
    ],
  );
}

export interface ContentRow {
  id: string;
  partnerId: string;
  title: string;
  kind: string;
  platform: string;
  state: ContentState;
  round: number;
  publishedUrl: string | null;
}

/** Reads a piece of content and keeps others from changing it until the transaction ends. @throws DomainError `not-found` */
export async function lockContent(tx: Tx, id: string): Promise<ContentRow> {
  const { rows } = await tx.query<ContentRow>(
    `select id, partner_id as "partnerId", title, kind, platform, state, round, published_url as "publishedUrl"
     from content where program_id = $1 and id = $2 for no key update`,
    [tx.programId, id],
  );
  if (!rows[0]) throw new DomainError('not-found', `There is no content ${id}.`);
  return rows[0];
}

export interface NewContentRound {
  contentId: string;
  round: number;
  draftUrl: string | null;
  text: string | null;
  checks: ContentCheck[];
  at: string;
}

/** Adds a round of draft; the same round again changes nothing. @returns whether it is new */
export async function insertContentRound(tx: Tx, round: NewContentRound): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into content_round (program_id, content_id, round, draft_url, text, checks, submitted_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing`,
    [tx.programId, round.contentId, round.round, round.draftUrl, round.text, JSON.stringify(round.checks), round.at],
  );
  await tx.query(
    `update content set state = 'in_review', round = greatest(round, $3) where program_id = $1 and id = $2`,
    [tx.programId, round.contentId, round.round],
  );
  return rowCount === 1;
}

export interface ContentRoundRow {
  round: number;
  draftUrl: string | null;
  text: string | null;
  checks: ContentCheck[];
}

export async function findContentRound(tx: Tx, contentId: string, round: number): Promise<ContentRoundRow | undefined> {
  const { rows } = await tx.query<ContentRoundRow>(
    `select round, draft_url as "draftUrl", text, checks
     from content_round where program_id = $1 and content_id = $2 and round = $3`,
    [tx.programId, contentId, round],
  );
  return rows[0];
}

/** Writes what became of a round. */
export async function decideContentRound(
  tx: Tx,
  decision: { contentId: string; round: number; outcome: string; comment: string | null; by: string; at: string },
): Promise<void> {
  await tx.query(
    `update content_round set outcome = $4, comment = $5, decided_by = $6, decided_at = $7
     where program_id = $1 and content_id = $2 and round = $3`,
    [tx.programId, decision.contentId, decision.round, decision.outcome, decision.comment, decision.by, decision.at],
  );
}

/** Moves a piece of content on; where it is published is kept when nothing new is given. */
export async function updateContentState(
  tx: Tx,
  id: string,
  state: ContentState,
  published: { url: string; at: string } | null = null,
): Promise<void> {
  await tx.query(
    `update content set state = $3, published_url = coalesce($4, published_url), published_at = coalesce($5, published_at)
     where program_id = $1 and id = $2`,
    [tx.programId, id, state, published?.url ?? null, published?.at ?? null],
  );
}

/** The partner's content that is still reviewed or waits to be published, with the workflow that leads it. */
export async function listUnpublishedContent(tx: Tx, partnerId: string): Promise<{ id: string; workflowId: string }[]> {
  const { rows } = await tx.query<{ id: string; workflowId: string }>(
    `select id, workflow_id as "workflowId"
     from content
     where program_id = $1 and partner_id = $2 and state in ('in_review', 'changes_requested', 'approved')
     order by id`,
    [tx.programId, partnerId],
  );
  return rows;
}

/** Links and coupon codes by which a draft shows that it is the partner's own. */
export async function listOwnLinks(tx: Tx, partnerId: string): Promise<string[]> {
  const { rows } = await tx.query<{ text: string }>(
    `select '/r/' || code as text from link where program_id = $1 and partner_id = $2
     union all
     select code from coupon where program_id = $1 and partner_id = $2
     order by text`,
    [tx.programId, partnerId],
  );
  return rows.map((row) => row.text);
}
