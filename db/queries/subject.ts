import type { Tx } from '../transaction.ts';

const SHARED = 'null::text';

/** What a path can name, and the expression that says whose it is (null: the program's own). */
const SUBJECTS = {
  partner: { table: 'partner', owner: 'id' },
  contract: { table: 'contract', owner: 'partner_id' },
  'contract template': { table: 'contract_template', owner: SHARED },
  task: { table: 'task', owner: 'partner_id' },
  content: { table: 'content', owner: 'partner_id' },
  asset: { table: 'asset', owner: SHARED },
  'training module': { table: 'training_module', owner: SHARED },
  link: { table: 'link', owner: 'partner_id' },
  conversion: { table: 'conversion', owner: SHARED },
  'identity merge': { table: 'identity_merge', owner: SHARED },
  policy: { table: 'attribution_policy', owner: SHARED },
  study: { table: 'study', owner: SHARED },
  evaluation: { table: 'evaluation', owner: SHARED },
  commission: { table: 'commission', owner: 'partner_id' },
  hold: { table: 'hold', owner: 'partner_id' },
  statement: { table: 'statement', owner: 'partner_id' },
  payout: { table: 'payout', owner: 'partner_id' },
  adjustment: { table: 'adjustment', owner: 'partner_id' },
  feedback: { table: 'feedback', owner: 'partner_id' },
  survey: { table: 'survey', owner: SHARED },
  brief: { table: 'brief', owner: SHARED },
  prospect: { table: 'prospect', owner: SHARED },
  person: { table: 'app_user', owner: SHARED },
  'API key': { table: 'api_key', owner: 'partner_id' },
  site: { table: 'site', owner: SHARED },
  webhook: { table: 'webhook_endpoint', owner: SHARED },
  import: { table: 'import', owner: SHARED },
} as const;

export type SubjectKind = keyof typeof SUBJECTS;

export interface Subject {
  /** Null where it is no partner's. */
  partnerId: string | null;
  /** Whether things of this kind belong to the program alone, so that the role decides who sees them. */
  isShared: boolean;
}

/** Whether the thing exists in the program, and whose it is. */
export async function findSubject(tx: Tx, kind: SubjectKind, id: string): Promise<Subject | undefined> {
  const { table, owner } = SUBJECTS[kind];
  if (id.includes('\0')) return undefined;
  const { rows } = await tx.query<{ partnerId: string | null }>(
    `select ${owner} as "partnerId" from ${table} where program_id = $1 and id = $2`,
    [tx.programId, id],
  );
  return rows[0] && { ...rows[0], isShared: owner === SHARED };
}
