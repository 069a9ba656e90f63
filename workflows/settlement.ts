import { allHandlersFinished, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import type { DrawnStatement } from '../activities/statement.ts';
import { drain, record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import type { TaskDesk } from './human-task.ts';
import { partnerReady, payoutFinished } from './messages.ts';
import { msUntil, now, sleepUntil } from './pause.ts';
import { renewDetails } from './payout-details.ts';
import { showStage } from './waiting.ts';

export interface SettlementInput {
  programId: string;
  partnerId: string;
  windowId: string;
  no: number;
  /** Set when a payout of a supplementary statement came back after the settlement's end. */
  supplementaryId?: string;
}

/** How often a wait looks for itself, in case a signal went astray. */
const LOOK_AGAIN_MS = 86_400_000;

/**
 * One window from its lock to the money: locked, stated, approved by one person, invoiced, paid out after a second one.
 * What is done is in Postgres, so a run that is started again, because a payout came back, goes on from there.
 */
export async function settlement(input: SettlementInput): Promise<void> {
  const { programId, partnerId, windowId } = input;
  const scope = { programId, partnerId, workflowId: workflowInfo().workflowId };
  const desk = createTaskDesk(emptyTaskDesk(), scope);
  const heard = listen();
  await record.noteRun({ programId, partnerId, subject: { type: 'window', id: windowId } });
  const window = await record.readWindow({ programId, windowId });

  showStage(scope, 'closed');
  await sleepUntil(window.locksAt);
  // Repeated after a crash it finds the boundary sealed and the lock posted.
  const { holds } = await drain.lockWindows({ programId, windowId, at: now() });
  if (holds > 0) await record.reviewHolds({ programId });
  showStage(scope, 'locked');
  await sleepUntil(window.statementAt);

  const { supplementaryId } = input;
  await settleStatement(
    input,
    desk,
    heard,
    await record.drawStatement({ programId, windowId, supplementaryId, at: now() }),
  );
  if (window.isFinal) await settleRest(input, desk, heard);
  showStage(scope, 'settled');
  await condition(allHandlersFinished);
  await record.reportSettlement(input);
}

/** What other workflows told this one. */
interface Heard {
  payouts: Map<string, string>;
  isReady: boolean;
}

function listen(): Heard {
  const heard: Heard = { payouts: new Map(), isReady: false };
  setHandler(payoutFinished, ({ payoutId, state }) => void heard.payouts.set(payoutId, state));
  setHandler(partnerReady, () => {
    heard.isReady = true;
  });
  return heard;
}

/** Approves and pays one statement, again and again until the money has arrived or is carried to the next one. */
async function settleStatement(
  input: SettlementInput,
  desk: TaskDesk,
  heard: Heard,
  statement: DrawnStatement,
): Promise<void> {
  const { programId } = input;
  const { statementId } = statement;
  // A statement without lines opens no task.
  if (!statement.hasLines || statement.isSettled) return;
  if (statement.needsDetails) await renewDetails(input, desk, `${statementId}/again/${statement.approvalsAsked}`);
  let isApproved = statement.state === 'approved';
  for (let round = statement.approvalsAsked + 1; ; round += 1) {
    if (!isApproved) await approve(input, desk, statementId, round);
    isApproved = false;
    // The document comes after the approval, and before the money; issued once, however often it is approved.
    const invoice = await record.issueInvoice({ programId, statementId, at: now() });
    if (invoice) await record.storeInvoiceDocument({ programId, statementId, documentId: invoice.documentId });
    if (statement.amountMinor === 0) return;
    const ending = await payOut(input, heard, statement);
    if (ending === 'paid' || ending === 'carried') return;
    if (ending === 'failed' || ending === 'returned') await renewDetails(input, desk, `${statementId}/${round}`);
  }
}

/** The first person's step; a hold lasts until its date, then the task opens anew. Never approved by default. */
async function approve(input: SettlementInput, desk: TaskDesk, statementId: string, round: number): Promise<void> {
  const { programId, partnerId } = input;
  for (let attempt = 1; ; attempt += 1) {
    const { outcome, taskId, by } = await desk.ask({
      key: `approval/${statementId}/${round}/${attempt}`,
      kind: 'settlement.approval',
      partnerId,
      subject: { type: 'statement', id: statementId },
    });
    const decision = { programId, statementId, taskId, by, at: now() };
    if (outcome === 'approve') {
      await record.approveStatement(decision);
      return;
    }
    await sleepUntil((await record.holdStatement(decision)).until);
  }
}

/** Draws the payout as soon as nothing stands against it, and waits for its end. */
async function payOut(input: SettlementInput, heard: Heard, { statementId }: DrawnStatement): Promise<string> {
  const { programId } = input;
  for (;;) {
    heard.isReady = false;
    const draw = await record.drawPayout({ programId, statementId, at: now() });
    if (draw.kind === 'void') return 'void';
    if (draw.kind === 'nothing') return 'carried';
    if (draw.kind === 'drawn') {
      await record.startPayout({ programId, payoutId: draw.payoutId });
      return waitForPayout(programId, draw.payoutId, heard);
    }
    await condition(() => heard.isReady, LOOK_AGAIN_MS);
  }
}

async function waitForPayout(programId: string, payoutId: string, heard: Heard): Promise<string> {
  for (;;) {
    const state = heard.payouts.get(payoutId);
    if (state !== undefined) return state;
    if (await condition(() => heard.payouts.has(payoutId), LOOK_AGAIN_MS)) continue;
    const payout = await record.readPayout({ programId, payoutId });
    if (payout.isClosed) return payout.state;
  }
}

/** After the last window: what was held then is stated when its hold is over, until nothing of this partner waits. */
async function settleRest(input: SettlementInput, desk: TaskDesk, heard: Heard): Promise<void> {
  const { programId, windowId } = input;
  for (;;) {
    const rest = await record.heldBack({ programId, windowId, at: now() });
    if (rest.rows === 0) return;
    await drain.lockWindows({ programId, windowId, at: now() });
    if (await record.hasFreeRows({ programId, windowId, at: now() })) {
      const supplementaryId = await record.nameStatement();
      const statement = await record.drawStatement({ programId, windowId, supplementaryId, at: now() });
      await settleStatement(input, desk, heard, statement);
      continue;
    }
    heard.isReady = false;
    // Something else may come while a long hold time runs.
    const pause = rest.nextAt === null ? LOOK_AGAIN_MS : Math.min(LOOK_AGAIN_MS, msUntil(rest.nextAt));
    await condition(() => heard.isReady, pause);
  }
}
