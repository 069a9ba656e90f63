import { closeFeed, joinFeed } from '../../db/locks.ts';
import { readClock } from '../../db/queries/program-clock.ts';
import type { ProgramClock } from '../../db/queries/program-clock.ts';
import { takeIntakeWork } from '../../db/queries/work-queue.ts';
import type { IntakeWorkRow, Take } from '../../db/queries/work-queue.ts';
import type { Tx } from '../../db/transaction.ts';

export interface TakenWork {
  /** As of when the work was taken. */
  clock: ProgramClock;
  work: IntakeWorkRow[];
}

/**
 * Takes the work of one step. News of a partner (its contract began or ended, its windows are others) is taken by a step that is alone, after
 * all that are under way have ended.
 *
 * Such news reaches conversions by the partner's credits. A step that read facts and windows before the news was committed, and gives the
 * partner its first credit of a conversion, would keep what held before: the news, taken while that credit is not committed, does not find
 * the conversion, and nothing looks at it again. So each step joins the feed before it takes or reads anything, and news is taken under the
 * closed feed: a step that began before has committed, and its credits are found; one that begins after reads what the news says. The rest of
 * a long piece of news needs no such step: the first one was the wait for it.
 */
export async function takeFeedWork(tx: Tx, take: Omit<Take, 'before'>): Promise<TakenWork> {
  await tx.query('savepoint joined');
  await joinFeed(tx);
  const taken = await takeNow(tx, take);
  if (!taken.work.some(isNewsOfPartner)) return taken;
  // Gives back the rows and the lock: two steps that both kept it and waited for the feed would wait for each other.
  await tx.query('rollback to savepoint joined');
  await closeFeed(tx);
  return takeNow(tx, take);
}

/** The clock is read under the lock: while a step waits, a boundary may be sealed. */
async function takeNow(tx: Tx, take: Omit<Take, 'before'>): Promise<TakenWork> {
  const clock = await readClock(tx);
  return { clock, work: await takeIntakeWork(tx, { ...take, before: clock.horizon }) };
}

function isNewsOfPartner({ kind, partnerId, conversionId }: IntakeWorkRow): boolean {
  return (kind === 'range' || kind === 'lock') && partnerId !== null && conversionId === null;
}
