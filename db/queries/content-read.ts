import type { Tx } from '../transaction.ts';

export interface ContentView {
  id: string;
  partnerId: string;
  title: string;
  kind: string;
  platform: string;
  state: string;
  round: number;
  assetVersionIds: string[];
  url: string | null;
  publishedAt: string | null;
  workflowId: string;
  createdAt: string;
}

const VIEW = `id, partner_id as "partnerId", title, kind, platform, state, round, asset_version_ids as "assetVersionIds",
  published_url as url, published_at as "publishedAt", workflow_id as "workflowId", created_at as "createdAt"`;

/** Content, oldest first. */
export async function listContent(
  tx: Tx,
  filter: { state?: string; partnerId?: string; afterId?: string; limit: number },
): Promise<ContentView[]> {
  const { rows } = await tx.query<ContentView>(
    `select ${VIEW} from content
     where program_id = $1 and ($2::text is null or state = $2) and ($3::text is null or partner_id = $3)
       and ($4::text is null or id > $4)
     order by id limit $5`,
    [tx.programId, filter.state ?? null, filter.partnerId ?? null, filter.afterId ?? null, filter.limit],
  );
  return rows;
}

export async function findContentView(tx: Tx, id: string): Promise<ContentView | undefined> {
  const { rows } = await tx.query<ContentView>(`select ${VIEW} from content where program_id = $1 and id = $2`, [
    tx.programId,
    id,
  ]);
  return rows[0];
}

export interface ContentRoundView {
  round: number;
  draftUrl: string | null;
  text: string | null;
  checks: unknown[];
  submittedAt: string;
  outcome: string | null;
  comment: string | null;
  decidedAt: string | null;
}

/** The rounds of a piece of content with what the checks and the reviewer said, first round first. */
export async function listContentRounds(tx: Tx, contentId: string): Promise<ContentRoundView[]> {
  const { rows } = await tx.query<ContentRoundView>(
    `select round, draft_url as "draftUrl", text, checks, submitted_at as "submittedAt", outcome, comment, decided_at as "decidedAt"
     from content_round where program_id = $1 and content_id = $2 order by round`,
    [tx.programId, contentId],
  );
  return rows;
}
