import { contractReachMicros } from '../../db/attribution/columns/contract-reach.ts';
import { JourneyReader } from '../../db/attribution/columns/read-journeys.ts';
import { sliceOfScopes } from '../../db/attribution/columns/slice.ts';
import { creditedSales, insertCreditRows } from '../../db/attribution/columns/write-credits.ts';
import type { CreditedSale, CreditedSales } from '../../db/attribution/columns/write-credits.ts';
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
  const run: ColumnsRun = {
    totalMs: 0,
    readMs: 0,
    arithmeticMs: 0,
    writeMs: 0,
    conversions: 0,
    rows: 0,
    exactSplits: 0,
  };
  const ids = await inTransaction(pool, programId, (tx) => conversionsOf(tx, { fromAt, toAt }));
  // All lanes have as many slices, as large ones as may be.
  const size = Math.ceil(ids.length / (lanes * Math.ceil(ids.length / (lanes * slice))));
  const turns = new Map(models.map(({ table }) => [table, new Turns()]));
  const lane = async () => {
    const reader = new JourneyReader(HORIZON);
    const rules = models.map(({ model, table }) => ({
      rule: new RuleColumns(model.policy),
      table,
      turn: turns.get(table)!,
    }));
    const credits = rules.map(() => new CreditColumns());
    const crediter = new Crediter();
    for (let own = ids.splice(0, size); own.length > 0; own = ids.splice(0, size)) {
      const step = (tx: Tx) => creditSlice(tx, own, { reader, rules, credits, crediter }, run);
      await inTransaction(pool, programId, step, { timeoutMs: 600_000 });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  run.totalMs = performance.now() - started;
  return run;
}

/**
 * Lets one lane after the other write into a table, so that its index grows at its end as it does for the statement of the rival; lanes are then a
 * table apart and nobody waits.
 */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take(work: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}

interface Lane {
  reader: JourneyReader;
  rules: { rule: RuleColumns; table: string; turn: Turns }[];
  credits: CreditColumns[];
  crediter: Crediter;
}

async function creditSlice(
  tx: Tx,
  ids: readonly string[],
  { reader, rules, credits, crediter }: Lane,
  run: ColumnsRun,
): Promise<void> {
  const began = performance.now();
  const size = await sliceOfScopes(
    tx,
    ids.map((conversionId) => ({ conversionId, before: HORIZON })),
    HORIZON,
  );
  const reach = Math.max(reachMicros(rules.map(({ rule }) => rule.policy)), await contractReachMicros(tx));
  const journeys = await reader.read(tx, size, reach);
  const read = performance.now();
  for (const [index, { rule }] of rules.entries()) {
    credits[index]!.clear();
    crediter.creditAll(journeys, rule, credits[index]!);
    run.exactSplits += credits[index]!.exactSplits;
  }
  const credited = performance.now();
  const conversions = await salesOfSlice(tx);
  for (const [index, { rule, table, turn }] of rules.entries()) {
    const own = credits[index]!;
    const { length, conversion, claimant, shareE12, minor, source } = own;
    const originOf = (credit: number) => (source[credit]! < 0 ? -1 : journeys.origin[source[credit]!]!);
    const numbers = { length, conversion, claimant, shareE12, minor, originOf };
    const named = { conversions, claimants: rule.claimants, origins: reader.origins.origins };
    await turn.take(() => insertCreditRows(tx, { ...numbers, ...named }, 0, table));
    run.rows += length;
  }
  run.conversions += size;
  run.readMs += read - began;
  run.arithmeticMs += credited - read;
  run.writeMs += performance.now() - credited;
}

async function conversionsOf(tx: Tx, { fromAt, toAt }: { fromAt: string; toAt: string }): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from conversion where program_id = $1 and occurred_at >= $2 and occurred_at < $3 order by id',
    [tx.programId, fromAt, toAt],
  );
  return rows.map(({ id }) => id);
}

/** The conversions of the slice in its order, as a first generation without a rule. */
async function salesOfSlice(tx: Tx): Promise<CreditedSales> {
  const { rows } = await tx.query<CreditedSale>(
    `select id as "conversionId", occurred_at as "conversionAt", currency, 1 as generation, null as "policyId", null as "evaluationId"
     from credit_slice order by no`,
  );
  return creditedSales(rows);
}
