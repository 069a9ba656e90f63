import type { Tx } from '../transaction.ts';

/** What a path can name, and the expression that says whose it is (null: the program's own). */
const SUBJECTS = {
  partner: { table: 'partner', owner: 'id' },
  contract: { table: 'contract', owner: 'partner_id' },
  'contract template': { table: 'contract_template', owner: 'null::text' },
  task: { table: 'task', owner: 'partner_id' },
  content: { table: 'content', owner: 'partner_id' },
  asset: { table: 'asset', owner: 'null::text' },
  'training module': { table: 'training_module', owner: 'null::text' },
  link: { table: 'link', owner: 'partner_id' },
  conversion: { table: 'conversion', owner: 'null::text' },
  policy: { table: 'attribution_policy', owner: 'null::text' },
  study: { table: 'study', owner: 'null::text' },
  evaluation: { table: 'evaluation', owner: 'null::text' },
  commission: { table: 'commission', owner: 'partner_id' },
  hold: { table: 'hold', owner: 'partner_id' },
  statement: { table: 'statement', owner: 'partner_id' },
  payout: { table: 'payout', owner: 'partner_id' },
  adjustment: { table: 'adjustment', owner: 'partner_id' },
  feedback: { table: 'feedback', owner: 'partner_id' },
  survey: { table: 'survey', owner: 'null::text' },
  brief: { table: 'brief', owner: 'null::text' },
  prospect: { table: 'prospect', owner: 'null::text' },
  person: { table: 'app_user', owner: 'null::text' },
  'API key': { table: 'api_key', owner: 'partner_id' },
  webhook: { table: 'webhook_endpoint', owner: 'null::text' },
  import: { table: 'import', owner: 'null::text' },
} as const;

export type SubjectKind = keyof typeof SUBJECTS;

/** Whether the thing exists in the program, and whose it is. */
export async function findSubject(
  tx: Tx,
  kind: SubjectKind,
  id: string,
): Promise<{ partnerId: string | null } | undefined> {
  const { table, owner } = SUBJECTS[kind];
  if (id.includes('\0')) return undefined;
  const { rows } = await tx.query<{ partnerId: string | null }>(
    `select ${owner} as "partnerId" from ${table} where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0];
}
