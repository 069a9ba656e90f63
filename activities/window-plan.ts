import { groupBy } from '../db/attribution/group-by.ts';
import type { PartnerHistory } from '../db/attribution/partner-history.ts';
import { originsAmong, readWindowsAround } from '../db/queries/origin-window.ts';
import type { OriginQuestion, OriginWindow } from '../db/queries/origin-window.ts';
import type { AttributionWindow } from '../db/queries/window.ts';
import type { Tx } from '../db/transaction.ts';
import { windowFrom } from '../domain/settlement/calendar.ts';
import type { ContractCalendar, WindowSchedule } from '../domain/settlement/calendar.ts';
import { compareInstants, epochMs, isoInstant } from '../domain/time/instant.ts';
import { zoneOf } from './zone.ts';

/**
 * The window that follows `previous` (null: the partner's first), by a history of contracts; null: none does.
 * @param afterEndAt not null: after the last contract's end its calendar goes on
 */
export function nextWindow(
  history: PartnerHistory,
  partnerId: string,
  previous: Pick<AttributionWindow, 'toAt' | 'no'> | null,
  afterEndAt: string | null,
): Omit<AttributionWindow, 'id'> | null {
  const contracts = history.signedContracts(partnerId).filter(({ versions }) => versions.length > 0);
  const edgeMs = previous === null ? Number.NEGATIVE_INFINITY : epochMs(previous.toAt);
  const running = contracts.find(({ endedAt }) => endedAt === null || epochMs(endedAt) > edgeMs);
  const contract = running ?? (afterEndAt === null ? undefined : contracts.at(-1));
  if (!contract) return null;
  const startMs = epochMs(contract.versions[0]!.effectiveFrom);
  const fromMs = Math.max(edgeMs, startMs);
  const fromAt = isoInstant(fromMs);
  const version = history.signedAt(partnerId, fromAt) ?? contract.versions.at(-1)!;
  const timeZone = history.profileAt(partnerId, fromAt)?.timeZone ?? 'UTC';
  const calendar: ContractCalendar = {
    calendar: version.terms.calendar,
    zone: zoneOf(timeZone),
    startMs,
    endMs: running && contract.endedAt !== null ? epochMs(contract.endedAt) : null,
  };
  const schedule = windowFrom(calendar, fromMs);
  return {
    partnerId,
    contractId: version.contractId,
    no: (previous?.no ?? 0) + 1,
    ...instantsOf(schedule),
    timeZone,
    currency: version.terms.currency,
    isFinal: running !== undefined && schedule.toMs === calendar.endMs,
  };
}

/** A schedule as a window's instants. */
export function instantsOf({ fromMs, toMs, locksAtMs, statementAtMs, paysAtMs }: WindowSchedule) {
  return {
    fromAt: isoInstant(fromMs),
    toAt: isoInstant(toMs),
    locksAt: isoInstant(locksAtMs),
    statementAt: isoInstant(statementAtMs),
    payAt: isoInstant(paysAtMs),
  };
}

/** The window that holds each instant, by key, as the contracts of a history have it (`windowsThrough`). */
export async function findOriginsBy(
  tx: Tx,
  history: PartnerHistory,
  questions: readonly OriginQuestion[],
): Promise<Map<string, OriginWindow>> {
  const stored = await readWindowsAround(tx, questions);
  const windows = new Map(
    [...groupBy(questions, ({ partnerId }) => partnerId)].map(([partnerId, asked]) => {
      const latest = asked.map(({ at }) => at).reduce((most, at) => (compareInstants(at, most) > 0 ? at : most));
      return [partnerId, windowsThrough(history, partnerId, stored.get(partnerId) ?? [], latest)] as const;
    }),
  );
  return originsAmong(questions, windows);
}

/**
 * A partner's windows through `at` as its contracts have them, whatever was written since: a window that an end which the history does not
 * know made short is whole, windows of contracts that it does not know are not there, and after an end that it knows the calendar goes on, as
 * it does when something is posted.
 * @param stored in order; from the partner's first on, or from one that has ended when the history does
 */
export function windowsThrough(
  history: PartnerHistory,
  partnerId: string,
  stored: readonly AttributionWindow[],
  at: string,
): OriginWindow[] {
  const unknown = stored.findIndex((window) => !isOf(history, window));
  const windows: OriginWindow[] = unknown < 0 ? [...stored] : stored.slice(0, unknown);
  for (
    let last = windows.at(-1) ?? null;
    last === null || compareInstants(last.toAt, at) <= 0;
    last = windows.at(-1)!
  ) {
    const next = nextWindow(history, partnerId, last, at);
    if (next === null) break;
    const same = stored.find(({ no, fromAt }) => no === next.no && compareInstants(fromAt, next.fromAt) === 0);
    windows.push({ ...next, id: same?.id ?? null });
  }
  return windows;
}

/** Whether a history knows the contract of a window and, if it is the contract's last one, the end. */
function isOf(history: PartnerHistory, { partnerId, contractId, isFinal, toAt }: AttributionWindow): boolean {
  const contract = history
    .contracts(partnerId!)
    .find(({ versions }) => versions.some((version) => version.contractId === contractId));
  if (!contract) return false;
  return !isFinal || (contract.endedAt !== null && epochMs(contract.endedAt) === epochMs(toAt));
}
