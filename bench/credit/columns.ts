import { contractReachMicros } from '../../db/attribution/columns/contract-reach.ts';
import { JourneyReader } from '../../db/attribution/columns/read-journeys.ts';
import { sliceOfRange, sliceStarts } from '../../db/attribution/columns/slice.ts';
import { insertSliceCredits } from '../../db/attribution/columns/write-credits.ts';
import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { CreditColumns } from '../../domain/attribution/columns/credit-columns.ts';
import { Crediter } from '../../domain/attribution/columns/crediter.ts';
import { reachMicros } from '../../domain/attribution/columns/reach.ts';
import { RuleColumns } from '../../domain/attribution/columns/rule-columns.ts';
import type { BenchModel } from './models.ts';

/** Facts received before it count: all of them. */
const HORIZON = '2030-01-01T00:00:00Z';

export interface ColumnsRun {
  totalMs: number;
  /** Of all lanes together. */
  readMs: number;
  arithmeticMs: number;
  writeMs: number;
  conversions: number;
  rows: number;
  exactSplits: number;
}

/** Tandem's way: slices of conversions, read once, credited under every model, written by COPY and insert–select. */
export async function runColumns(
  pool: Pool,
  programId: string,
  models: readonly { model: BenchModel; table: string }[],
  { fromAt, toAt, lanes, slice }: { fromAt: string; toAt: string; lanes: number; slice: number },
): Promise<ColumnsRun> {
  const started = performance.now();
  const range = { fromAt, toAt, limit: slice };
  const run: ColumnsRun = {
    totalMs: 0,
    readMs: 0,
    arithmeticMs: 0,
    writeMs: 0,
    conversions: 0,
    rows: 0,
    exactSplits: 0,
  };
  const starts = await inTransaction(pool, programId, (tx) => sliceStarts(tx, range, HORIZON));
  const lane = async () => {
    const reader = new JourneyReader(HORIZON);
    const rules = models.map(({ model, table }) => ({ rule: new RuleColumns(model.policy), table }));
    const credits = rules.map(() => new CreditColumns());
    const crediter = new Crediter();
    for (let afterId = starts.shift(); afterId !== undefined; afterId = starts.shift()) {
      const from = afterId;
      const step = (tx: Tx) => creditSlice(tx, { ...range, afterId: from }, { reader, rules, credits, crediter }, run);
      await inTransaction(pool, programId, step, { timeoutMs: 600_000 });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  run.totalMs = performance.now() - started;
  return run;
}

interface Lane {
  reader: JourneyReader;
  rules: { rule: RuleColumns; table: string }[];
  credits: CreditColumns[];
  crediter: Crediter;
}

async function creditSlice(
  tx: Tx,
  range: Parameters<typeof sliceOfRange>[1],
  { reader, rules, credits, crediter }: Lane,
  run: ColumnsRun,
): Promise<void> {
  const began = performance.now();
  const size = await sliceOfRange(tx, range, HORIZON);
  if (size === 0) return;
  const reach = Math.max(reachMicros(rules.map(({ rule }) => rule.policy)), await contractReachMicros(tx));
  const journeys = await reader.read(tx, size, reach);
  const read = performance.now();
  for (const [index, { rule }] of rules.entries()) {
    credits[index]!.clear();
    crediter.creditAll(journeys, rule, credits[index]!);
    run.exactSplits += credits[index]!.exactSplits;
  }
  const credited = performance.now();
  const stamp = { generation: 1, policyId: null, evaluationId: null, epoch: 0 };
  for (const [index, { rule, table }] of rules.entries()) {
    const own = { credits: credits[index]!, rule, origin: journeys.origin, origins: reader.origins.origins };
    const rows = await insertSliceCredits(tx, own, stamp, table);
    run.rows += rows;
  }
  run.conversions += size;
  run.readMs += read - began;
  run.arithmeticMs += credited - read;
  run.writeMs += performance.now() - credited;
}
