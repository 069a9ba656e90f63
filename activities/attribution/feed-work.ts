import { queueIntakeWork } from '../../db/intake/work.ts';
import type { IntakeWork } from '../../db/intake/work.ts';
import { listEvaluationPairs } from '../../db/queries/evaluation.ts';
import {
  conversionsByExternalId,
  conversionsOfEvaluation,
  conversionsOfPersons,
  conversionsOfRange,
} from '../../db/queries/feed-scope.ts';
import type { ProgramClock } from '../../db/queries/program-clock.ts';
import type { IntakeWorkRow, NewCommissionWork } from '../../db/queries/work-queue.ts';
import type { Tx } from '../../db/transaction.ts';

/** Conversions of one transaction that ranges of time and evaluations bring in. */
const RANGE_SLICE = 2_000;

/** What the work of one step touches. */
export interface FeedScope {
  conversionIds: Set<string>;
  /** Conversions whose commission must be computed again even where the credit is the same: terms or rates changed. */
  repriced: Set<string>;
  covered: CoveredLines[];
}

/** Lines of an evaluation's study, by the ids of their conversions: `afterId` exclusive, `lastId` inclusive. */
interface CoveredLines {
  evaluationId: string;
  afterId: string;
  lastId: string;
  receivedAt: string;
}

/** Finds the conversions that work speaks of, by facts received before the horizon. */
export async function scopeOf(tx: Tx, work: readonly IntakeWorkRow[], { horizon }: ProgramClock): Promise<FeedScope> {
  const conversionIds = new Set<string>();
  const repriced = new Set<string>();
  for (const row of work) if (row.kind === 'conversion' && row.conversionId) conversionIds.add(row.conversionId);
  const persons = work.flatMap(({ identityId, fromAt, kind }) =>
    identityId === null ? [] : [{ identityId, fromAt: kind === 'merge' ? null : fromAt }],
  );
  for (const id of await conversionsOfPersons(tx, persons, horizon)) conversionIds.add(id);
  const refunded = work.flatMap(({ kind, externalId }) => (kind === 'refund' && externalId ? [externalId] : []));
  for (const id of await conversionsByExternalId(tx, refunded, horizon)) conversionIds.add(id);
  // Ranges and evaluations are long: they share one budget per step, and what is left of them goes back to the queue.
  let budget = RANGE_SLICE;
  const covered: CoveredLines[] = [];
  for (const row of work) {
    if (row.kind !== 'range' && row.kind !== 'evaluation') continue;
    const ids =
      row.kind === 'range'
        ? await sliceOfRange(tx, row, horizon, budget)
        : await sliceOfEvaluation(tx, row, budget, covered);
    budget -= ids.length;
    for (const id of ids) conversionIds.add(id);
    // What follows a cut is credited by another rule now; its terms are the same.
    if (row.kind === 'range' && row.evaluationId === null) for (const id of ids) repriced.add(id);
  }
  return { conversionIds, repriced, covered };
}

/** A long range is eaten in slices; the rest goes back to the queue with the stamp of its cause. */
async function sliceOfRange(tx: Tx, row: IntakeWorkRow, horizon: string, budget: number): Promise<string[]> {
  if (row.fromAt === null) return [];
  const { fromAt, toAt, conversionId: afterId, partnerId, evaluationId: sinceCutOf } = row;
  const range = { fromAt, toAt, afterId, partnerId, sinceCutOf };
  const { ids, rest } = budget > 0 ? await conversionsOfRange(tx, range, budget, horizon) : { ids: [], rest: range };
  if (rest) {
    const more: IntakeWork = {
      kind: 'range',
      partnerId,
      evaluationId: sinceCutOf,
      fromAt: rest.fromAt,
      toAt,
      conversionId: rest.afterId,
    };
    await queueIntakeWork(tx, [more], row.receivedAt);
  }
  return ids;
}

/** The conversions of a row of an evaluation, at most `budget`; `covered` learns which lines the poster gets. */
async function sliceOfEvaluation(
  tx: Tx,
  row: IntakeWorkRow,
  budget: number,
  covered: CoveredLines[],
): Promise<string[]> {
  if (!row.evaluationId || !row.externalId) return [];
  const afterId = row.conversionId ?? '';
  const ids =
    budget > 0
      ? await conversionsOfEvaluation(tx, row.evaluationId, { afterId, lastId: row.externalId, limit: budget })
      : [];
  const isWhole = budget > 0 && ids.length < budget;
  const lastId = isWhole ? row.externalId : (ids.at(-1) ?? afterId);
  if (ids.length > 0) covered.push({ evaluationId: row.evaluationId, afterId, lastId, receivedAt: row.receivedAt });
  if (!isWhole) {
    const more: IntakeWork = {
      kind: 'evaluation',
      evaluationId: row.evaluationId,
      conversionId: lastId,
      externalId: row.externalId,
    };
    await queueIntakeWork(tx, [more], row.receivedAt);
  }
  return ids;
}

/** The lines of executed evaluations, for the poster. They carry the stamp of the execution. */
export async function evaluationPairs(tx: Tx, covered: readonly CoveredLines[]): Promise<NewCommissionWork[]> {
  const pairs: NewCommissionWork[] = [];
  for (const { evaluationId, afterId, lastId, receivedAt } of covered) {
    for (const pair of await listEvaluationPairs(tx, evaluationId, afterId, lastId))
      pairs.push({ ...pair, evaluationId, receivedAt });
  }
  return pairs;
}
