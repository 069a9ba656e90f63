import { newId } from '../../db/ids.ts';
import { joinBooks, lockPartnerBooks } from '../../db/locks.ts';
import { insertCommissions, readPosted } from '../../db/queries/commission.ts';
import type {
  CommissionAccount,
  CommissionKind,
  NewCommission,
  Pair,
  PostedCommission,
} from '../../db/queries/commission.ts';
import { readOpenLines, unfinishedExecution } from '../../db/queries/evaluation.ts';
import { recordEvents } from '../../db/queries/event-batch.ts';
import { readForfeited } from '../../db/queries/forfeit.ts';
import { markFxRatesUsed } from '../../db/queries/fx-rate.ts';
import { postEntries } from '../../db/queries/ledger-batch.ts';
import { assertHorizon, readClock } from '../../db/queries/program-clock.ts';
import type { ProgramClock } from '../../db/queries/program-clock.ts';
import { findOpenWindows } from '../../db/queries/window.ts';
import { takeCommissionWork } from '../../db/queries/work-queue.ts';
import type { CommissionWorkRow } from '../../db/queries/work-queue.ts';
import type { Tx } from '../../db/transaction.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { earned, reduced, waived } from '../../domain/ledger/posting.ts';
import type { Entry } from '../../domain/ledger/entry.ts';
import { rowsOfPair } from './commission-rows.ts';
import { commissionTargets, creditsInForce, pairKey } from '../../db/attribution/commission-targets.ts';
import type { CommissionTarget } from '../../db/attribution/commission-target.ts';
import { groupBy } from '../../db/attribution/group-by.ts';
import { isBefore } from '../../db/attribution/evidence-limit.ts';
import { WORK_PER_STEP } from './feed-step.ts';
import type { StepResult } from './feed-step.ts';
import { NoOpenWindow } from './no-open-window.ts';
import { firstEarnings, screenPairs } from './screens.ts';
import { currentWorkflow } from '../workflow-context.ts';

export interface PostResult extends StepResult {
  /** Holds that a screen placed, for whoever opens their reviews. */
  holdIds: string[];
}

/**
 * One step of the poster: takes work, locks its partners, computes what each pair should have, and posts the difference: commission rows, and
 * one entry per partner, account pair and currency. Twice posts nothing.
 * @throws NoOpenWindow
 */
export async function postStep(tx: Tx, at: string, only?: number): Promise<PostResult> {
  const clock = await readClock(tx);
  const unfinished = await unfinishedExecution(tx);
  const before = unfinished !== null && isBefore(unfinished, clock.horizon) ? unfinished : clock.horizon;
  const work = await takeCommissionWork(tx, { before, limit: WORK_PER_STEP, seq: only });
  if (work.length === 0) return { taken: 0, changed: 0, holdIds: [] };
  await joinBooks(tx);
  await lockPartnerBooks(tx, [...new Set(work.map(({ partnerId }) => partnerId))].sort());
  const { rows, earnedBefore } = await computeRows(tx, work, clock);
  const posted = await post(tx, rows, at);
  await insertCommissions(tx, posted, clock.epoch);
  const holdIds = await screenPairs(tx, firstEarnings(posted, earnedBefore), at, clock.horizon);
  await assertHorizon(tx, clock.horizon);
  return { taken: work.length, changed: posted.length, holdIds };
}

interface ComputedRows {
  rows: NewCommission[];
  /** Pairs that had more than nothing at some time, and were screened then. */
  earnedBefore: ReadonlySet<string>;
}

async function computeRows(tx: Tx, work: readonly CommissionWorkRow[], clock: ProgramClock): Promise<ComputedRows> {
  const pairs = work.flatMap(({ partnerId, conversionId }): Pair[] =>
    conversionId === null ? [] : [{ partnerId, conversionId }],
  );
  const targets = await commissionTargets(tx, pairs, clock.horizon, creditsInForce(tx));
  const standing = await readPosted(tx, targets);
  const posted = groupBy(standing, pairKey);
  const lines = groupBy(await readOpenLines(tx, targets), pairKey);
  const forfeited = new Set((await readForfeited(tx, targets, clock.horizon)).map(pairKey));
  const questions = targets.map((target) => ({
    key: pairKey(target),
    partnerId: target.partnerId,
    at: target.conversion.occurredAt,
  }));
  const open = await findOpenWindows(tx, questions, clock.sealedAt);
  const homeless = targets.filter(
    (target) => !open.has(pairKey(target)) && needsWindow(target, posted.has(pairKey(target))),
  );
  if (homeless.length > 0) throw new NoOpenWindow([...new Set(homeless.map(({ partnerId }) => partnerId))]);
  const rows = targets.flatMap((target) => {
    const window = open.get(pairKey(target));
    if (!window) return [];
    return rowsOfPair({
      target,
      posted: posted.get(pairKey(target)) ?? [],
      open: window,
      lines: lines.get(pairKey(target)) ?? [],
      isForfeit: forfeited.has(pairKey(target)),
      sealedAt: clock.sealedAt,
    });
  });
  const paying = new Set(rows.map((row) => pairKey({ partnerId: row.partnerId, conversionId: row.conversionId! })));
  await markFxRatesUsed(
    tx,
    targets.flatMap((target) => (target.rateKey !== null && paying.has(pairKey(target)) ? [target.rateKey] : [])),
  );
  const earnedBefore = new Set(
    [...posted].flatMap(([key, rows]) => (hasEarned(rows, forfeited.has(key)) ? [key] : [])),
  );
  return { rows, earnedBefore };
}

/** What was forfeited and fell to nothing is looked at again, when other evidence earns it once more. */
function hasEarned(posted: readonly PostedCommission[], isForfeit: boolean): boolean {
  return (isForfeit ? posted.slice(-1) : posted).some(({ totalAfterMinor }) => totalAfterMinor > 0);
}

/** A pair that never had and shall not have anything needs no window: for instance a partner without a contract. */
function needsWindow({ minor, contract }: CommissionTarget, isPosted: boolean): boolean {
  return minor !== 0 || isPosted || contract !== null;
}

/** One entry per partner, account pair, sign and currency; every row that is not zero names one. */
async function post(tx: Tx, rows: readonly NewCommission[], at: string): Promise<NewCommission[]> {
  const batch = newId('ledgerEntry').slice(4);
  const books = [...groupBy(rows, bookOf)].map(([key, group]) => ({
    key,
    group,
    minor: group.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  }));
  const moving = books.filter(({ minor }) => minor !== 0);
  const ids = await postEntries(
    tx,
    moving.map(({ key, group, minor }) => {
      const { partnerId, currency } = group[0]!;
      const entry = entryOf(group[0]!, { partnerId, currency, minor });
      return { ...entry, cause: `posting:${batch}:${key}`, at, partnerId, subject: { type: 'posting', id: batch } };
    }),
  );
  await recordEvents(
    tx,
    moving.map(({ group, minor }, index) => {
      const { partnerId, currency, account, windowId } = group[0]!;
      return {
        kind: minor > 0 ? 'commission.posted' : 'commission.reduced',
        actor: SYSTEM,
        at,
        subject: { type: 'window', id: windowId },
        partnerId,
        data: { rows: group.length, minor, currency, account, entryId: ids[index]! },
        workflow: currentWorkflow(),
      };
    }),
  );
  const entryOfBook = new Map(moving.map(({ key }, index) => [key, ids[index]!]));
  return books.flatMap(({ key, group }) =>
    group.map((row) => ({ ...row, entryId: entryOfBook.get(key) ?? row.entryId })),
  );
}

/** Rows of one sign: what is given and what is taken back would else net to nothing, and stand in no entry. */
function bookOf({ partnerId, currency, kind, amountMinor, account }: NewCommission): string {
  return `${partnerId}:${bookName(kind, amountMinor, account)}:${currency}`;
}

function bookName(kind: CommissionKind, amountMinor: number, account: CommissionAccount): string {
  if (amountMinor === 0) return 'nothing';
  if (kind === 'goodwill') return amountMinor > 0 ? `waived:${account}` : `waived-back:${account}`;
  return amountMinor > 0 ? 'earned' : `reduced:${account}`;
}

function entryOf(
  { kind, account }: NewCommission,
  movement: { partnerId: string; currency: string; minor: number },
): Entry {
  if (kind === 'goodwill') return waived(movement, account);
  if (movement.minor > 0) return earned(movement);
  return reduced({ ...movement, minor: -movement.minor }, account);
}
