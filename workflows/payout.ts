import { allHandlersFinished, condition, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { PayoutView } from '../activities/payout-view.ts';
import { personsNeeded } from '../domain/task/decision.ts';
import { call, record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import type { TaskDesk } from './human-task.ts';
import { partnerReady, providerReported } from './messages.ts';
import { msUntil, now, sleepUntil } from './pause.ts';
import { investigate } from './payout-investigation.ts';
import { showStage } from './waiting.ts';

export interface PayoutInput {
  programId: string;
  payoutId: string;
}

/** Pauses between look-ups, growing; a webhook ends a pause early. */
const LOOK_UP_PAUSES = ['1 second', '5 seconds', '20 seconds', '2 minutes', '15 minutes', '1 hour', '6 hours'] as const;
/** The provider's book does not know the key so often: then a person investigates, for the call may still be on its way. */
const NOT_FOUND_LIMIT = 3;
/** A payment still pending after so many look-ups (about three days) is investigated, too. */
const PENDING_LIMIT = 16;
/** States in which money may be on its way. */
const OPEN: readonly string[] = ['sent', 'unknown', 'investigation'];
/** States in which our books say that nothing was paid. */
const NOT_PAID: readonly string[] = ['failed', 'not-paid', 'cancelled'];
const RETRY_PAUSE_MAX_MS = 3_600_000;
const LOOK_AGAIN = '1 day';

/** What woke a payout. */
interface Heard {
  isReported: boolean;
  isReady: boolean;
  isCancelled: boolean;
}

/**
 * One payout: released by a second person, sent once, confirmed by the provider's book. It goes on from the state in Postgres, so a
 * webhook that comes after its end (returned money) starts it again with the same id.
 */
export async function payout({ programId, payoutId }: PayoutInput): Promise<string> {
  const scope = { programId, workflowId: workflowInfo().workflowId };
  const heard: Heard = { isReported: false, isReady: false, isCancelled: false };
  const desk = createTaskDesk(emptyTaskDesk(), scope);
  listen(programId, payoutId, heard);
  const found = await record.readPayout({ programId, payoutId });
  const { partnerId } = found;
  await record.noteRun({ programId, partnerId, subject: { type: 'payout', id: payoutId } });

  let { state } = found;
  if (state === 'approved') {
    showStage({ ...scope, partnerId }, 'release');
    state = await release(found, desk, heard);
  }
  showStage({ ...scope, partnerId }, 'sending');
  if (state === 'released' || state === 'sending') state = await send({ programId, payoutId });
  // A run that is started for a payout that is over looks once: perhaps the money came back.
  const books = { isAsked: found.differencesAsked > 0, isExplained: true, differ: false };
  heard.isReported = found.isClosed;
  let told = found.state;
  for (;;) {
    state = await confirm(found, state, desk, heard, books);
    if (state !== told) await record.reportPayout({ programId, payoutId, state });
    told = state;
    if (books.differ && !books.isAsked) void explain(found, desk, books);
    await condition(() => heard.isReported || (books.isExplained && allHandlersFinished()));
    // A webhook that came with the last look-up is looked into before the run ends.
    if (!heard.isReported) return state;
  }
}

/** Whether the provider's book and ours differ about this payout, and whether finance has been asked and has explained it. */
interface Books {
  differ: boolean;
  isAsked: boolean;
  isExplained: boolean;
}

/** Finance explains why the provider moved another amount than asked, or money that we hold to be unpaid. */
async function explain({ payoutId, partnerId }: PayoutView, desk: TaskDesk, books: Books): Promise<void> {
  books.isAsked = true;
  books.isExplained = false;
  const subject = { type: 'payout', id: payoutId };
  await desk.ask({ key: `difference/${payoutId}`, kind: 'reconciliation.difference', partnerId, subject });
  books.isExplained = true;
}

function listen(programId: string, payoutId: string, heard: Heard): void {
  setHandler(providerReported, () => {
    heard.isReported = true;
  });
  setHandler(partnerReady, async () => {
    // New details may have cancelled this payout; then its open task closes.
    heard.isCancelled = (await record.readPayout({ programId, payoutId })).state === 'cancelled';
    heard.isReady = true;
  });
}

/** The second person's step, and further ones above thresholds; the money is posted at the pay date, after everything was checked again. */
async function release(payout: PayoutView, desk: TaskDesk, heard: Heard): Promise<PayoutView['state']> {
  const { programId, payoutId, partnerId } = payout;
  const persons = [...payout.approvers];
  const taskIds: string[] = [];
  const needed = personsNeeded('payout.release', 'release', payout.extraApprovers);
  for (let asked = payout.releasesAsked + 1; taskIds.length < needed; asked += 1) {
    const { outcome, taskId, by } = await desk.ask({
      key: `release/${payoutId}/${asked}`,
      kind: 'payout.release',
      partnerId,
      subject: { type: 'payout', id: payoutId },
      excludedPersons: persons,
      cancelWhen: () => heard.isCancelled,
    });
    const decision = { programId, payoutId, taskId, by, at: now() };
    if (outcome === 'cancelled') return 'cancelled';
    if (outcome === 'release') {
      taskIds.push(taskId);
      persons.push(...(await record.personsBehind(decision)));
    } else {
      const { until } = await record.holdPayout(decision);
      await condition(() => heard.isCancelled, msUntil(until));
    }
    if (heard.isCancelled) return 'cancelled';
  }
  await sleepUntil(payout.payAt);
  for (;;) {
    heard.isReady = false;
    const result = await record.releasePayout({ programId, payoutId, taskIds, at: now() });
    if (result.kind === 'void') return 'cancelled';
    if (result.kind === 'released') return 'released';
    await condition(() => heard.isReady, result.until === null ? LOOK_AGAIN : msUntil(result.until));
  }
}

/** Calls the provider; only an answer that it booked nothing leads to another call under the same key. */
async function send(payout: PayoutInput): Promise<PayoutView['state']> {
  for (let attempt = 0; ; attempt += 1) {
    const { state, retryAfterMs } = await call.sendPayout({ ...payout, at: now() });
    if (retryAfterMs === undefined) return state;
    await sleep(Math.max(retryAfterMs, Math.min(1_000 * 2 ** attempt, RETRY_PAUSE_MAX_MS)));
  }
}

/** Looks up until the provider's book says how it ended; what nobody can say goes to finance. */
async function confirm(
  payout: PayoutView,
  from: PayoutView['state'],
  desk: TaskDesk,
  heard: Heard,
  books: Books,
): Promise<PayoutView['state']> {
  const { programId, payoutId } = payout;
  let state = from;
  const lookUp = async () => {
    heard.isReported = false;
    const seen = await call.lookUpPayout({ programId, payoutId, at: now() });
    state = seen.state;
    books.differ ||= seen.state === 'paid' ? seen.amountDiffers : NOT_PAID.includes(state) && seen.bookState === 'paid';
    return seen;
  };
  if (heard.isReported && !OPEN.includes(from)) await lookUp();
  let notFound = 0;
  for (let look = 0; OPEN.includes(state); look += 1) {
    if (state === 'investigation') {
      state = await investigate(payout, desk, heard);
      continue;
    }
    await condition(() => heard.isReported, LOOK_UP_PAUSES[Math.min(look, LOOK_UP_PAUSES.length - 1)]!);
    const seen = await lookUp();
    if (seen.found === 'not-found') notFound += 1;
    const isLost = notFound >= NOT_FOUND_LIMIT || look >= PENDING_LIMIT;
    if (isLost && (state === 'unknown' || state === 'sent')) {
      state = (await record.startInvestigation({ programId, payoutId, at: now() })).state;
    }
  }
  return state;
}
