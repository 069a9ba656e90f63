import { newId } from '../../db/ids.ts';
import type { NewCommission, PostedCommission } from '../../db/queries/commission.ts';
import type { EvaluationLine } from '../../db/queries/evaluation.ts';
import type { AttributionWindow } from '../../db/queries/window.ts';
import { adjustmentRows } from '../../domain/commission/adjustment.ts';
import { placeOf, revise } from '../../domain/commission/revision.ts';
import type { MoneyPlace } from '../../domain/commission/revision.ts';
import { WaivedFalls } from '../../domain/commission/waived-falls.ts';
import { holdEndsMs } from '../../domain/settlement/hold.ts';
import { isoInstant } from '../../domain/time/instant.ts';
import type { CommissionTarget } from '../../db/attribution/commission-target.ts';
import { isBefore } from '../../db/attribution/evidence-limit.ts';

/** What a pair's new rows are made from. */
export interface PairBooks {
  target: CommissionTarget;
  /** Rows that stand, oldest revision first. */
  posted: readonly PostedCommission[];
  /** The partner's first window, from the one that holds the conversion on, that is not locked. */
  open: AttributionWindow;
  /** Lines of executed evaluations that are not posted yet, oldest execution first. */
  lines: readonly EvaluationLine[];
  /** A confirmed hold took the sale from the partner: no goodwill stands for it. */
  isForfeit: boolean;
  sealedAt: string;
}

/**
 * The rows that bring a pair from what is posted to what it should be: first the lines of evaluations, then the difference that is left. What is
 * posted in a currency that is not the contract's any more is taken back as a whole. Upwards goes into the first open window, and takes back goodwill that was given for it; downwards is taken where the money stands. Twice
 * gives nothing.
 */
export function rowsOfPair({ target, posted, open, lines, isForfeit, sealedAt }: PairBooks): NewCommission[] {
  const rows: NewCommission[] = [];
  const base = rowBase(target, open);
  let revision = posted.at(-1)?.revision ?? 0;
  let total = posted.at(-1)?.totalAfterMinor ?? 0;
  let currency = posted.at(-1)?.currency ?? target.currency;
  let falls = new WaivedFalls(posted.filter((row) => row.currency === currency));
  const standing = () =>
    [...posted, ...rows.map((row) => asPosted(row, open))].filter((row) => row.currency === currency);
  const add = (row: Partial<NewCommission> & Pick<NewCommission, 'kind' | 'amountMinor'>) => {
    revision += 1;
    if (row.kind !== 'goodwill') total += row.amountMinor;
    falls.note(row);
    rows.push({ ...base, id: newId('commission'), revision, currency, ...row, totalAfterMinor: total });
  };

  for (const line of lines) {
    if (posted.some(({ evaluationId, kind }) => evaluationId === line.evaluationId && kind === 'adjustment')) continue;
    // What stands is in another currency since the cut: the difference that is left says it all.
    if (posted.length > 0 && line.currency !== currency) continue;
    currency = line.currency;
    const cause = { evaluationId: line.evaluationId, policyId: line.policyId, reason: null };
    const account = adjustmentAccount(line.afterMinor - line.beforeMinor, posted, sealedAt);
    for (const { kind, minor } of adjustmentRows(
      line.afterMinor,
      { minor: line.beforeMinor, goodwillMinor: falls.waivedIn(line.afterMinor - line.beforeMinor) },
      line.downward,
    )) {
      add({ ...cause, kind, amountMinor: minor, account });
    }
  }

  if (currency !== target.currency) {
    const { reason } = target;
    if (total < 0) add({ kind: 'earned', amountMinor: -total, reason });
    else for (const part of takeDown(total, standing(), open, sealedAt)) add({ kind: 'earned', reason, ...part });
    currency = target.currency;
    falls = new WaivedFalls([]);
  }

  const last = posted.at(-1);
  const revised = revise(target.minor, total);
  const kind = isRefund(target, last) && revised.kind === 'down' ? 'refund' : 'earned';
  const reason = kind === 'refund' ? 'refunded' : target.reason;
  if (revised.kind === 'up') {
    // What was waived and is earned after all is not held twice.
    const back = falls.waivedIn(revised.minor);
    add({ kind, amountMinor: revised.minor, reason });
    if (back > 0) add({ kind: 'goodwill', amountMinor: -back, reason });
  } else if (revised.kind === 'down')
    for (const part of takeDown(-revised.minor, standing(), open, sealedAt)) add({ kind, reason, ...part });
  else if (posted.length === 0 && rows.length === 0) add({ kind: 'earned', amountMinor: 0 });
  const isGivenBack = target.rule.remainingMinor === 0 && target.conversion.valueMinor !== 0;
  if (isForfeit || isGivenBack) {
    const given = standing().filter((row) => row.kind === 'goodwill');
    for (const part of takeDown(falls.goodwill, given, open, sealedAt))
      add({ kind: 'goodwill', reason: isForfeit ? 'hold-confirmed' : 'refunded', ...part });
  }
  return rows;
}

function rowBase(
  target: CommissionTarget,
  open: AttributionWindow,
): Omit<NewCommission, 'id' | 'revision' | 'kind' | 'amountMinor' | 'totalAfterMinor'> {
  const { partnerId, conversionId, conversion, contract } = target;
  return {
    partnerId,
    conversionId,
    conversionAt: conversion.occurredAt,
    currency: target.currency,
    cappedMinor: target.cappedMinor,
    windowId: open.id,
    account: 'pending',
    originWindowId: target.origin?.id ?? null,
    rule: target.rule,
    contractId: contract?.contractId ?? null,
    contractVersion: contract?.version ?? null,
    policyId: target.policyId,
    evaluationId: null,
    adjustmentId: null,
    entryId: null,
    payableFrom:
      contract === null ? conversion.occurredAt : isoInstant(holdEndsMs(conversion.occurredAt, contract.terms.hold)),
    reason: target.reason,
  };
}

/** A row of this very run, which stands in the open window or, as a correction of stated money, in payable. */
function asPosted(row: NewCommission, open: AttributionWindow): PostedCommission {
  return {
    ...row,
    conversionId: row.conversionId!,
    windowNo: open.no,
    windowLocksAt: open.locksAt,
    isOnStatement: false,
  };
}

/** A refund took value away and the share stayed: then the row says refund. */
function isRefund(target: CommissionTarget, last: PostedCommission | undefined): boolean {
  if (!last?.rule) return false;
  return target.rule.remainingMinor < last.rule.remainingMinor && target.rule.shareE12 === last.rule.shareE12;
}

/** An adjustment goes into the open window; only money that is wholly on statements already is corrected in payable at once. */
function adjustmentAccount(minor: number, posted: readonly PostedCommission[], sealedAt: string): MoneyPlace {
  if (minor >= 0) return 'pending';
  const settled = posted
    .filter((row) => standsIn(row, sealedAt) === 'payable')
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return settled >= -minor ? 'payable' : 'pending';
}

function standsIn(row: PostedCommission, sealedAt: string): MoneyPlace {
  const isOnStatement = row.isOnStatement || row.account === 'payable';
  return placeOf({ isOnStatement, isWindowLocked: isBefore(row.windowLocksAt, sealedAt, true) });
}

const ORDER: Record<MoneyPlace, number> = { pending: 0, locked: 1, payable: 2 };

/** Takes an amount from where the money stands: open windows first, then locked ones, then what is on statements. */
function takeDown(
  minor: number,
  posted: readonly PostedCommission[],
  open: AttributionWindow,
  sealedAt: string,
): { amountMinor: number; account: MoneyPlace; windowId: string }[] {
  const stands = new Map<string, { account: MoneyPlace; windowId: string; no: number; amountMinor: number }>();
  for (const row of posted) {
    const account = standsIn(row, sealedAt);
    // Money on statements is corrected by a row of the open window, whose statement shows it.
    const windowId = account === 'payable' ? open.id : row.windowId;
    const key = `${account} ${windowId}`;
    const known = stands.get(key) ?? { account, windowId, no: row.windowNo, amountMinor: 0 };
    stands.set(key, { ...known, amountMinor: known.amountMinor + row.amountMinor });
  }
  const places = [...stands.values()].sort((a, b) => ORDER[a.account] - ORDER[b.account] || b.no - a.no);
  const parts: { amountMinor: number; account: MoneyPlace; windowId: string }[] = [];
  let left = minor;
  for (const { account, windowId, amountMinor } of places) {
    const taken = Math.min(left, Math.max(0, amountMinor));
    if (taken === 0) continue;
    parts.push({ amountMinor: -taken, account, windowId });
    left -= taken;
  }
  if (left > 0) parts.push({ amountMinor: -left, account: 'pending', windowId: open.id });
  return parts;
}
