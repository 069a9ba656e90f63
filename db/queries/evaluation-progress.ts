import type { Tx } from '../transaction.ts';

/** What a re-evaluation does at the moment, how much of it is done, and for how long it has (milliseconds; null: nothing is under way). */
export interface EvaluationStep {
  phase: 'queued' | 'cut' | 'credit' | 'price' | 'post' | 'ended';
  done: number;
  total: number | null;
  elapsedMs: number | null;
}

interface Row {
  state: string;
  studyState: string;
  isCut: boolean;
  done: number;
  total: number | null;
  creditingMs: number | null;
  pricingMs: number | null;
  postingMs: number | null;
}

const SINCE = (instant: string) => `(extract(epoch from clock_timestamp() - ${instant}) * 1000)::float8`;

/** Counts in the phase that is under way: conversions credited, lines of partners priced, differences posted. */
export async function readEvaluationStep(tx: Tx, evaluationId: string): Promise<EvaluationStep> {
  const { rows } = await tx.query<Row & { studyId: string }>(
    `select e.state, s.state as "studyState", e.cut_at is not null as "isCut", s.done, s.total, s.id as "studyId",
       ${SINCE('s.started_at')} as "creditingMs", ${SINCE('s.pricing_at')} as "pricingMs", ${SINCE('e.executed_at')} as "postingMs"
     from evaluation e
     join study s on s.program_id = e.program_id and s.id = e.study_id
     where e.program_id = $1 and e.id = $2`,
    [tx.programId, evaluationId],
  );
  const row = rows[0];
  if (!row) return { phase: 'queued', done: 0, total: null, elapsedMs: null };
  const { state, done, total } = row;
  if (state === 'executed')
    return { phase: 'post', ...(await countPosted(tx, evaluationId)), elapsedMs: row.postingMs };
  if (state !== 'queued' && state !== 'running') return { phase: 'ended', done, total, elapsedMs: null };
  if (!row.isCut) return { phase: 'queued', done: 0, total: null, elapsedMs: null };
  if (row.creditingMs === null) return { phase: 'cut', done: 0, total, elapsedMs: null };
  if (row.pricingMs === null) return { phase: 'credit', done, total, elapsedMs: row.creditingMs };
  return { phase: 'price', ...(await countPriced(tx, row.studyId)), elapsedMs: row.pricingMs };
}

async function countPriced(tx: Tx, studyId: string): Promise<{ done: number; total: number }> {
  const { rows } = await tx.query<{ done: number; total: number }>(
    `select count(window_state) as done, count(*) as total
     from study_line where program_id = $1 and study_id = $2 and beneficiary_kind = 'partner'`,
    [tx.programId, studyId],
  );
  return rows[0]!;
}

async function countPosted(tx: Tx, evaluationId: string): Promise<{ done: number; total: number }> {
  const { rows } = await tx.query<{ done: number; total: number }>(
    `select
       (select count(*) from commission where program_id = $1 and evaluation_id = $2 and kind = 'adjustment') as done,
       (select count(*) from study_line l
        join evaluation e on e.program_id = l.program_id and e.study_id = l.study_id
        where e.program_id = $1 and e.id = $2 and l.beneficiary_kind = 'partner' and l.commission_after_minor <> l.commission_before_minor) as total`,
    [tx.programId, evaluationId],
  );
  return rows[0]!;
}
