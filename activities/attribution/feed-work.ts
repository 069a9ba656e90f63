import { queueIntakeWork } from '../../db/intake/work.ts';
import { listEvaluationPairs } from '../../db/queries/evaluation.ts';
import {
  conversionsByExternalId,
  conversionsOfEvaluation,
  conversionsOfPersons,
  conversionsOfRange,
  openConversionsOfPartner,
  lockedHeirsBelow,
  uncoveredAncestors,
} from '../../db/queries/feed-scope.ts';
import type { ProgramClock } from '../../db/queries/program-clock.ts';
import type { IntakeWorkRow, NewCommissionWork } from '../../db/queries/work-queue.ts';
import type { Tx } from '../../db/transaction.ts';

/** Conversions of one transaction that ranges of time and evaluations bring in. */
const RANGE_SLICE = 2_000;

/** What the work of one step touches. */
export interface FeedScope {
  conversionIds: Set<string>;
  /** Conversions that work names, or the person behind them; the others come from slices. */
  named: Set<string>;
  slices: Slice[];
}

/** The next conversions of a range or an evaluation, in its order. */
interface Slice {
  row: IntakeWorkRow;
  ids: string[];
  /** Where what follows them begins; null: nothing does. */
  rest: SliceStart | null;
}

interface SliceStart {
  fromAt: string | null;
  afterId: string;
}

/** Finds the conversions that work speaks of, by facts received before the horizon. */
export async function scopeOf(tx: Tx, work: readonly IntakeWorkRow[], clock: ProgramClock): Promise<FeedScope> {
  const { horizon } = clock;
  const named = new Set<string>();
  for (const row of work) if (row.kind === 'conversion' && row.conversionId) named.add(row.conversionId);
  const persons = work.flatMap(({ identityId, fromAt, kind }) =>
    identityId === null ? [] : [{ identityId, fromAt: kind === 'merge' ? null : fromAt }],
  );
  const touched = await conversionsOfPersons(tx, persons, horizon);
  // What was approved about the journey of a sale counts for its locked renewals too, also where it does not move the sale itself.
  for (const id of [...touched, ...(await lockedHeirsBelow(tx, touched, clock))]) named.add(id);
  const refunded = work.flatMap(({ kind, externalId }) => (kind === 'refund' && externalId ? [externalId] : []));
  for (const id of await conversionsByExternalId(tx, refunded, horizon)) named.add(id);
  // Ranges and evaluations are long: they share one budget per step, and what is left of them goes back to the queue.
  let budget = RANGE_SLICE;
  const slices: Slice[] = [];
  for (const row of work) {
    const sliced = SLICED[row.kind];
    if (!sliced) continue;
    const slice = await sliced(tx, row, clock, budget);
    budget -= slice.ids.length;
    slices.push(slice);
    // Renewals inherit what the evaluation gives their parents, whichever comes first.
    if (row.kind === 'evaluation' && row.evaluationId)
      for (const id of await uncoveredAncestors(tx, row.evaluationId, slice.ids)) named.add(id);
  }
  return { conversionIds: new Set([...named, ...slices.flatMap(({ ids }) => ids)]), named, slices };
}

type SliceOf = (tx: Tx, row: IntakeWorkRow, clock: ProgramClock, budget: number) => Promise<Slice>;

/** The kinds of work that are long. */
const SLICED: Partial<Record<IntakeWorkRow['kind'], SliceOf>> = {
  range: sliceOfRange,
  lock: sliceOfLock,
  evaluation: sliceOfEvaluation,
};

async function sliceOfRange(tx: Tx, row: IntakeWorkRow, { horizon }: ProgramClock, budget: number): Promise<Slice> {
  const { fromAt, toAt, conversionId: afterId, partnerId, evaluationId: sinceCutOf } = row;
  if (fromAt === null) return { row, ids: [], rest: null };
  if (budget <= 0) return { row, ids: [], rest: startOf(row) };
  const range = { fromAt, toAt, afterId, partnerId, sinceCutOf };
  return { row, ...(await conversionsOfRange(tx, range, budget, horizon)) };
}

/** Windows of a partner changed: what is open may lock earlier now, and is worth the same. */
async function sliceOfLock(tx: Tx, row: IntakeWorkRow, { sealedAt }: ProgramClock, budget: number): Promise<Slice> {
  const { fromAt, toAt, conversionId: afterId, partnerId } = row;
  if (fromAt === null || partnerId === null) return { row, ids: [], rest: null };
  if (budget <= 0) return { row, ids: [], rest: startOf(row) };
  return { row, ...(await openConversionsOfPartner(tx, { fromAt, toAt, afterId, partnerId, sealedAt }, budget)) };
}

async function sliceOfEvaluation(tx: Tx, row: IntakeWorkRow, _clock: ProgramClock, budget: number): Promise<Slice> {
  if (!row.evaluationId || !row.externalId) return { row, ids: [], rest: null };
  if (budget <= 0) return { row, ids: [], rest: startOf(row) };
  const { afterId } = startOf(row);
  const ids = await conversionsOfEvaluation(tx, row.evaluationId, { afterId, lastId: row.externalId, limit: budget });
  return { row, ids, rest: ids.length < budget ? null : { fromAt: null, afterId: ids.at(-1)! } };
}

function startOf({ fromAt, conversionId }: IntakeWorkRow): SliceStart {
  return { fromAt, afterId: conversionId ?? '' };
}

/** What was done of a step: its conversions, less those that were put off. */
export interface FeedDone {
  conversionIds: Set<string>;
  /** Conversions whose commission must be computed again even where the credit is the same: terms or rates changed. */
  repriced: Set<string>;
  slices: Slice[];
  /** How many conversions went back to the queue. */
  putOff: number;
}

/**
 * Puts conversions off that are too much for this step. Named ones go back to the queue each by itself; of a slice everything from the first
 * of them on, so that it stays one piece.
 */
export function putOff(
  { conversionIds, named, slices }: FeedScope,
  later: ReadonlySet<string>,
  occurredAt: ReadonlyMap<string, string>,
): FeedDone {
  const done = new Set([...named].filter((id) => !later.has(id)));
  const cut = slices.map((slice): Slice => {
    const first = slice.ids.findIndex((id) => later.has(id));
    if (first < 0) return slice;
    const before = slice.ids[first - 1];
    const rest =
      before === undefined
        ? startOf(slice.row)
        : { fromAt: slice.row.kind === 'evaluation' ? null : occurredAt.get(before)!, afterId: before };
    return { row: slice.row, ids: slice.ids.slice(0, first), rest };
  });
  const repriced = new Set<string>();
  for (const { row, ids } of cut) {
    for (const id of ids) done.add(id);
    // What follows a cut is credited by another rule now; its terms are the same.
    if (row.kind === 'range' && row.evaluationId === null) for (const id of ids) repriced.add(id);
  }
  return { conversionIds: done, repriced, slices: cut, putOff: conversionIds.size - done.size };
}

/** Queues what a step did not do, with the stamp of its cause. */
export async function queueRest(
  tx: Tx,
  { slices }: FeedDone,
  named: readonly string[],
  receivedAt: string,
): Promise<void> {
  for (const { row, rest } of slices) {
    if (rest === null) continue;
    const { kind, partnerId, evaluationId, externalId, toAt } = row;
    const more = { kind, partnerId, evaluationId, externalId, toAt, fromAt: rest.fromAt, conversionId: rest.afterId };
    await queueIntakeWork(tx, [more], row.receivedAt);
  }
  const again = named.map((conversionId) => ({ kind: 'conversion' as const, conversionId }));
  await queueIntakeWork(tx, again, receivedAt);
}

/** The lines of executed evaluations, for the poster. They carry the stamp of the execution. */
export async function evaluationPairs(tx: Tx, { slices }: FeedDone): Promise<NewCommissionWork[]> {
  const pairs: NewCommissionWork[] = [];
  for (const { row, ids, rest } of slices) {
    const { evaluationId, externalId, receivedAt } = row;
    if (row.kind !== 'evaluation' || !evaluationId || !externalId || ids.length === 0) continue;
    const lastId = rest?.afterId ?? externalId;
    for (const pair of await listEvaluationPairs(tx, evaluationId, startOf(row).afterId, lastId))
      pairs.push({ ...pair, evaluationId, receivedAt });
  }
  return pairs;
}
