import type { Actor } from '../../domain/actor.ts';
import type { CaseState, FeedbackKind } from '../../domain/feedback/case.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

export interface FeedbackCaseRow {
  id: string;
  partnerId: string;
  kind: FeedbackKind;
  state: CaseState;
  conversionId: string | null;
  policyId: string | null;
  studyId: string | null;
  evaluationId: string | null;
  appealedAt: string | null;
  /** When the team's next answer is due. */
  dueAt: string | null;
  openedAt: string;
  closedAt: string | null;
}

const COLUMNS = `id, partner_id as "partnerId", kind, state, conversion_id as "conversionId", policy_id as "policyId",
  study_id as "studyId", evaluation_id as "evaluationId", appealed_at as "appealedAt", due_at as "dueAt",
  opened_at as "openedAt", closed_at as "closedAt"`;

export async function findCase(tx: Tx, id: string): Promise<FeedbackCaseRow | undefined> {
  const { rows } = await tx.query<FeedbackCaseRow>(
    `select ${COLUMNS} from feedback where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}

/** The case, and no other step on it until the transaction ends. */
export async function lockCase(tx: Tx, id: string): Promise<FeedbackCaseRow | undefined> {
  const { rows } = await tx.query<FeedbackCaseRow>(
    `select ${COLUMNS} from feedback where program_id = $1 and id = $2 for no key update`,
    [tx.programId, id],
  );
  return rows[0];
}

/** Cases, newest first. */
export async function listCases(
  tx: Tx,
  filter: { partnerId?: string; state?: string; limit: number; before?: string },
): Promise<FeedbackCaseRow[]> {
  const { rows } = await tx.query<FeedbackCaseRow>(
    `select ${COLUMNS} from feedback
     where program_id = $1 and ($2::text is null or partner_id = $2) and ($3::text is null or state = $3)
       and ($5::text is null or id < $5)
     order by id desc limit $4`,
    [tx.programId, filter.partnerId ?? null, filter.state ?? null, filter.limit, filter.before ?? null],
  );
  return rows;
}

/** Cases that wait for what becomes of a policy, where it was decided. */
export async function listCasesOfDecided(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select f.id from feedback f
     join attribution_policy p on p.program_id = f.program_id and p.id = f.policy_id
     where f.program_id = $1 and f.state = 'policy-review' and p.state in ('rejected', 'active', 'retired')
     order by f.id`,
    [tx.programId],
  );
  return rows.map(({ id }) => id);
}

/** How many cases of the partner wait for the team. */
export async function countOpenCases(tx: Tx, partnerId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from feedback
     where program_id = $1 and partner_id = $2 and state not in ('answered', 'declined', 'closed')`,
    [tx.programId, partnerId],
  );
  return rows[0]?.count ?? 0;
}

export type NewCase = Pick<FeedbackCaseRow, 'id' | 'partnerId' | 'kind' | 'conversionId' | 'dueAt' | 'openedAt'> & {
  workflowId: string;
};

/** Opens a case; false when it is open already. */
export async function insertCase(tx: Tx, feedback: NewCase): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into feedback (program_id, id, partner_id, kind, state, conversion_id, workflow_id, due_at, opened_at)
     values ($1, $2, $3, $4, 'open', $5, $6, $7, $8)
     on conflict (program_id, id) do nothing`,
    [
      tx.programId,
      feedback.id,
      feedback.partnerId,
      feedback.kind,
      feedback.conversionId,
      feedback.workflowId,
      feedback.dueAt,
      feedback.openedAt,
    ],
  );
  return rowCount === 1;
}

export type CaseChange = Partial<
  Pick<FeedbackCaseRow, 'conversionId' | 'policyId' | 'studyId' | 'evaluationId' | 'appealedAt' | 'dueAt' | 'closedAt'>
>;

/** Changes a case that the caller has locked; what is left out stays. */
export async function changeCase(tx: Tx, id: string, state: CaseState | null, change: CaseChange = {}): Promise<void> {
  await tx.query(
    `update feedback set state = coalesce($3, state), conversion_id = coalesce($4, conversion_id),
       policy_id = coalesce($5, policy_id), study_id = coalesce($6, study_id), evaluation_id = coalesce($7, evaluation_id),
       appealed_at = coalesce($8, appealed_at), due_at = coalesce($9, due_at), closed_at = coalesce($10, closed_at)
     where program_id = $1 and id = $2`,
    [
      tx.programId,
      id,
      state,
      change.conversionId ?? null,
      change.policyId ?? null,
      change.studyId ?? null,
      change.evaluationId ?? null,
      change.appealedAt ?? null,
      change.dueAt ?? null,
      change.closedAt ?? null,
    ],
  );
}

export interface FeedbackMessage {
  id: string;
  author: Actor;
  text: string;
  evidence: unknown;
  at: string;
}

/** Adds what somebody wrote, once per cause; false when that step was written before. */
export async function insertFeedbackMessage(
  tx: Tx,
  feedbackId: string,
  message: { author: Actor; text: string; evidence?: unknown; cause: string; at: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into feedback_message (program_id, id, feedback_id, author_kind, author_id, text, evidence, cause, at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (program_id, feedback_id, cause) do nothing`,
    [
      tx.programId,
      newId('message'),
      feedbackId,
      message.author.kind,
      message.author.id ?? message.author.kind,
      message.text,
      message.evidence === undefined ? null : JSON.stringify(message.evidence),
      message.cause,
      message.at,
    ],
  );
  return rowCount === 1;
}

export async function listFeedbackMessages(tx: Tx, feedbackId: string): Promise<FeedbackMessage[]> {
  const { rows } = await tx.query<Omit<FeedbackMessage, 'author'> & { kind: Actor['kind']; author: string }>(
    `select id, author_kind as kind, author_id as author, text, evidence, at from feedback_message
     where program_id = $1 and feedback_id = $2 order by at, id`,
    [tx.programId, feedbackId],
  );
  return rows.map(({ kind, author, ...message }) => ({ ...message, author: { kind, id: author } }));
}

/** Commissions of the partner that a case brought: of its re-evaluation, or of the order that it corrected. */
export async function listCaseAdjustments(tx: Tx, feedback: FeedbackCaseRow): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from commission
     where program_id = $1 and partner_id = $2
       and (evaluation_id = $3 or ($3::text is null and conversion_id = $4 and created_at >= $5))
     order by id`,
    [tx.programId, feedback.partnerId, feedback.evaluationId, feedback.conversionId, feedback.openedAt],
  );
  return rows.map((row) => row.id);
}

/** The conversion that a partner names by the caller's own id. */
export async function findConversionByExternalId(
  tx: Tx,
  externalId: string,
): Promise<{ id: string; occurredAt: string } | undefined> {
  const { rows } = await tx.query<{ id: string; occurredAt: string }>(
    'select id, occurred_at as "occurredAt" from conversion where program_id = $1 and external_id = $2',
    [tx.programId, externalId],
  );
  return rows[0];
}

/** An identity of a conversion's person as an intake item wants it; undefined for a conversion without one. */
export async function identityOfConversion(
  tx: Tx,
  conversionId: string,
): Promise<{ visitorId?: string; customerId?: string; emailHash?: string } | undefined> {
  const { rows } = await tx.query<{ kind: 'visitor' | 'customer' | 'email'; value: string }>(
    `select i.kind, i.value from conversion c
     join identity i on i.program_id = c.program_id and i.id = c.identity_id
     where c.program_id = $1 and c.id = $2`,
    [tx.programId, conversionId],
  );
  const row = rows[0];
  if (!row) return undefined;
  return row.kind === 'visitor'
    ? { visitorId: row.value }
    : row.kind === 'customer'
      ? { customerId: row.value }
      : { emailHash: row.value };
}
