import { DomainError } from '../domain/errors.ts';
import { vatRuleOf } from '../domain/invoice/vat-rule.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import { netted, shortfall, stated, vatAdded, vatIncluded } from '../domain/ledger/posting.ts';
import { drawStatement, settleReceivable } from '../domain/settlement/statement.ts';
import { compareInstants } from '../domain/time/instant.ts';
import { newId } from '../db/ids.ts';
import { joinBooks, lockPartnerBooks } from '../db/locks.ts';
import { recordEvent } from '../db/queries/event.ts';
import { partnerBalances, postEntry } from '../db/queries/ledger.ts';
import { listPayoutsOfStatement } from '../db/queries/payout.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findSettlementWindow } from '../db/queries/settlement-window.ts';
import type { SettlementWindow } from '../db/queries/settlement-window.ts';
import {
  countHeldBack,
  findStatement,
  findStatementOfWindow,
  insertStatement,
  lastCarryOut,
  listUnstated,
  listUnstatedCurrencies,
  sumReserved,
} from '../db/queries/statement.ts';
import type { NewStatement, StatementRow, StatementScope, UnstatedRow } from '../db/queries/statement.ts';
import { countTasksAbout } from '../db/queries/task-persons.ts';
import { findVerifiedDetails } from '../db/queries/verified-details.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { currentWorkflow } from './workflow-context.ts';

export interface StatementRequest {
  programId: string;
  windowId: string;
  /** The workflow's time. */
  at: string;
  /** Set for a statement that follows the last one of an ended contract; made by `nameStatement`. */
  supplementaryId?: string;
}

/** What the settlement must know to go on. */
export interface DrawnStatement {
  statementId: string;
  partnerId: string;
  state: StatementRow['state'];
  amountMinor: number;
  hasLines: boolean;
  payAt: string;
  /** Nothing is left to do: paid, or carried with its document. */
  isSettled: boolean;
  /** The last payout was refused or came back, and its details are still the ones in force. */
  needsDetails: boolean;
  /** Approvals asked for by earlier runs, so that a new question never finds an old decision. */
  approvalsAsked: number;
}

/** Drawing statements. Dies the process here, the transaction is gone, and the repeated attempt draws it or finds it. */
export function createStatementActivities({ pool }: ActivityDeps) {
  return {
    /** The window's dates, which stand once it is closed. */
    async readWindow(about: {
      programId: string;
      windowId: string;
    }): Promise<{ locksAt: string; statementAt: string; isFinal: boolean }> {
      return inTransaction(pool, about.programId, async (tx) => {
        const { locksAt, statementAt, isFinal } = await existingWindow(tx, about.windowId);
        return { locksAt, statementAt, isFinal };
      });
    },

    /** An id for a further statement; the workflow's history keeps it, so that a repeated drawing finds its own. */
    async nameStatement(): Promise<string> {
      return newId('statement');
    },

    /** Draws the statement of a window, or finds the one that was drawn. Its rows, VAT, netting and postings are one transaction. */
    async drawStatement(request: StatementRequest): Promise<DrawnStatement> {
      return inTransaction(pool, request.programId, async (tx) => {
        const window = await existingWindow(tx, request.windowId);
        await joinBooks(tx);
        await lockPartnerBooks(tx, [window.partnerId]);
        const standing = request.supplementaryId
          ? await findStatement(tx, request.supplementaryId)
          : await findStatementOfWindow(tx, window.id);
        return show(tx, standing ?? (await draw(tx, window, request)));
      });
    },

    /** Whether a further statement would find a row now. */
    async hasFreeRows(request: Omit<StatementRequest, 'supplementaryId'>): Promise<boolean> {
      return inTransaction(pool, request.programId, async (tx) => {
        const rest = await restOf(tx, await existingWindow(tx, request.windowId), request.at);
        return rest.rows.length > 0;
      });
    },

    /** What of a partner's money still waits for a hold or its hold time, after the last window. */
    async heldBack(
      request: Omit<StatementRequest, 'supplementaryId'>,
    ): Promise<{ rows: number; nextAt: string | null }> {
      return inTransaction(pool, request.programId, async (tx) => {
        const window = await existingWindow(tx, request.windowId);
        let rows = 0;
        const next: string[] = [];
        for (const currency of await listUnstatedCurrencies(tx, window.partnerId, window.currency)) {
          const held = await countHeldBack(tx, restScope({ ...window, currency }, request.at));
          rows += held.rows;
          if (held.nextAt !== null) next.push(held.nextAt);
        }
        return { rows, nextAt: next.sort(compareInstants)[0] ?? null };
      });
    },
  };
}

async function existingWindow(tx: Tx, id: string): Promise<SettlementWindow> {
  const window = await findSettlementWindow(tx, id);
  if (!window) throw new DomainError('not-found', `There is no window ${id} of a partner.`);
  return window;
}

function restScope({ partnerId, currency, untilNo }: SettlementWindow, at: string): StatementScope {
  return { partnerId, currency, windowNo: untilNo, isRest: true, at };
}

/** The rows of a supplementary statement: those in the window's currency, or where there are none in another one. */
async function restOf(
  tx: Tx,
  window: SettlementWindow,
  at: string,
): Promise<{ currency: string; rows: UnstatedRow[] }> {
  for (const currency of await listUnstatedCurrencies(tx, window.partnerId, window.currency)) {
    const rows = await listUnstated(tx, restScope({ ...window, currency }, at));
    if (rows.length > 0) return { currency, rows };
  }
  return { currency: window.currency, rows: [] };
}

async function ofWindow(tx: Tx, { partnerId, currency, no }: SettlementWindow, at: string) {
  return { currency, rows: await listUnstated(tx, { partnerId, currency, windowNo: no, isRest: false, at }) };
}

async function draw(tx: Tx, about: SettlementWindow, request: StatementRequest): Promise<StatementRow> {
  const { rows, currency: drawnIn } = await (request.supplementaryId ? restOf : ofWindow)(tx, about, request.at);
  const window = { ...about, currency: drawnIn };
  const { settings, currency } = await readProgramFrame(tx);
  const details = await findVerifiedDetails(tx, window.partnerId);
  const facts = details && {
    taxCountry: details.taxCountry,
    hasVatId: details.vatId !== null,
    isSmallBusiness: details.isSmallBusiness,
  };
  const vat = vatRuleOf(settings.thresholds.vat, facts ?? null);
  const isFinal = window.isFinal || request.supplementaryId !== undefined;
  const carryIn = await carriedIn(tx, window, rows);
  const programMinimum = window.currency === currency ? settings.thresholds.minimumPayoutMinor : 0;
  const drawn = drawStatement({
    // The last statement pays what was carried even when nothing new came.
    linesMinor: rows.length === 0 && isFinal && carryIn.grossMinor > 0 ? [0] : rows.map((row) => row.minor),
    carryIn,
    vat,
    minimumMinor: Math.max(window.minimumPayout?.minor ?? 0, programMinimum),
    isFinal,
  });
  const statement: NewStatement = {
    id: request.supplementaryId ?? newId('statement'),
    partnerId: window.partnerId,
    windowId: window.id,
    kind: request.supplementaryId ? 'supplementary' : window.isFinal ? 'final' : 'regular',
    currency: window.currency,
    carryInMinor: carryIn.netMinor,
    carryInGrossMinor: carryIn.grossMinor,
    netMinor: drawn.fresh.netMinor,
    vatMode: vat.mode,
    vatRateBps: vat.rateBps,
    vatMinor: drawn.fresh.vatMinor,
    grossMinor: drawn.fresh.grossMinor,
    amountMinor: drawn.payableMinor,
    carryOutMinor: drawn.carryOut.netMinor,
    carryOutGrossMinor: drawn.carryOut.grossMinor,
    state: drawn.state === 'payable' ? 'drawn' : drawn.state === 'empty' ? 'empty' : 'carried',
    drawnAt: request.at,
    expectedPayAt: payDate(window, request),
  };
  await insertStatement(tx, statement, rows);
  await postStatement(tx, statement, rows);
  await noteStatement(tx, statement, window, rows.length);
  return (await findStatement(tx, statement.id))!;
}

/**
 * What came from earlier statements, gross by the ledger: payable, less what other statements will pay and what the partner owes,
 * less the corrections among the new rows that were posted there already. Net follows the last statement.
 */
async function carriedIn(tx: Tx, { partnerId, currency }: SettlementWindow, rows: readonly UnstatedRow[]) {
  const { payable, receivable } = await partnerBalances(tx, partnerId, currency);
  const reserved = await sumReserved(tx, { partnerId, currency });
  const posted = sum(rows.filter((row) => row.place === 'payable'));
  const grossMinor = payable - reserved - receivable - posted;
  const last = await lastCarryOut(tx, partnerId, currency);
  return { netMinor: last.netMinor + (grossMinor - last.grossMinor), grossMinor };
}

async function postStatement(tx: Tx, statement: NewStatement, rows: readonly UnstatedRow[]): Promise<void> {
  const { partnerId, currency } = statement;
  const of = (minor: number) => ({ partnerId, currency, minor });
  const post = (entry: (movement: ReturnType<typeof of>) => Entry, minor: number) =>
    minor === 0 ? undefined : postOnce(tx, statement, entry(of(minor)));
  await post(stated, sum(rows.filter((row) => row.place === 'locked')));
  if (statement.vatMode === 'add') await post(vatAdded, statement.vatMinor);
  if (statement.vatMode === 'included') await post(vatIncluded, statement.vatMinor);
  const { payable, receivable } = await partnerBalances(tx, partnerId, currency);
  // Money that other statements will pay is not there for this one's debts.
  const reserved = (await sumReserved(tx, { partnerId, currency })) - statement.amountMinor;
  const settled = settleReceivable(payable - reserved, receivable);
  await post(shortfall, settled.shortfall);
  await post(netted, settled.netting);
}

async function postOnce(tx: Tx, statement: NewStatement, entry: Entry): Promise<void> {
  await postEntry(tx, {
    ...entry,
    cause: `${entry.kind}:${statement.id}`,
    at: statement.drawnAt,
    partnerId: statement.partnerId,
    subject: { type: 'statement', id: statement.id },
  });
}

const sum = (rows: readonly UnstatedRow[]) => rows.reduce((total, row) => total + row.minor, 0);

/** A supplementary statement is paid as long after its drawing as the window's own would have been. */
function payDate(window: SettlementWindow, request: StatementRequest): string {
  const late = Date.parse(window.payAt) - Date.parse(window.statementAt);
  const planned = request.supplementaryId ? Date.parse(request.at) + late : Date.parse(window.payAt);
  return new Date(Math.max(planned, Date.parse(request.at))).toISOString();
}

async function noteStatement(tx: Tx, statement: NewStatement, { no }: SettlementWindow, lines: number): Promise<void> {
  const { amountMinor, currency, carryOutMinor: carryMinor, kind } = statement;
  if (statement.state === 'empty' && carryMinor === 0) return;
  await recordEvent(tx, {
    kind: statement.state === 'drawn' ? 'statement.drawn' : 'statement.carried',
    actor: { kind: 'system' },
    subject: { type: 'statement', id: statement.id },
    partnerId: statement.partnerId,
    data: { no, lines, amountMinor, carryMinor, currency, kind },
    at: statement.drawnAt,
    workflow: currentWorkflow(),
  });
}

async function show(tx: Tx, statement: StatementRow): Promise<DrawnStatement> {
  const subject = { type: 'statement', id: statement.id };
  return {
    statementId: statement.id,
    partnerId: statement.partnerId,
    state: statement.state,
    amountMinor: statement.amountMinor,
    hasLines: statement.state !== 'empty',
    payAt: statement.expectedPayAt,
    isSettled: statement.state === 'paid' || (statement.state === 'carried' && statement.approvedBy !== null),
    needsDetails: await bounced(tx, statement),
    approvalsAsked: await countTasksAbout(tx, { kind: 'settlement.approval', subject }),
  };
}

async function bounced(tx: Tx, statement: StatementRow): Promise<boolean> {
  const last = (await listPayoutsOfStatement(tx, statement.id)).at(-1);
  if (last?.state !== 'failed' && last?.state !== 'returned') return false;
  return (await findVerifiedDetails(tx, statement.partnerId))?.id === last.detailsId;
}
