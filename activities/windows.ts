import { joinIntake, lockWindowsOf } from '../db/locks.ts';
import { queueIntakeWork } from '../db/intake/work.ts';
import type { IntakeWork } from '../db/intake/work.ts';
import type { Pool } from '../db/pool.ts';
import { listPartnersBehind } from '../db/queries/partner-facts.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import {
  deleteWindowsFrom,
  findWindowBefore,
  insertWindow,
  markWindowFinal,
  readLastWindows,
  shortenWindow,
} from '../db/queries/window.ts';
import type { AttributionWindow } from '../db/queries/window.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ContractHistory } from '../domain/contract/in-force.ts';
import { windowFrom } from '../domain/settlement/calendar.ts';
import type { ContractCalendar } from '../domain/settlement/calendar.ts';
import { periodOf } from '../domain/settlement/period.ts';
import { epochMs } from '../domain/time/instant.ts';
import { PartnerHistory } from '../db/attribution/partner-history.ts';
import { instantsOf, nextWindow } from './window-plan.ts';
import { zoneOf } from './zone.ts';

/** A partner that slept for years catches up in several calls. */
const MOST_WINDOWS_AT_ONCE = 500;
const FOREVER = 'infinity';

/**
 * Writes the windows of a partner's contract up to `at`, and one ahead, in the caller's transaction; twice writes nothing.
 * After the contract's end there are none, unless `afterEnd`: then the calendar goes on, so that corrections have an open window.
 * @param at RFC 3339
 * @returns the windows that it wrote, oldest first
 */
export async function openWindowsThrough(
  tx: Tx,
  partnerId: string,
  at: string,
  { afterEnd = false } = {},
): Promise<AttributionWindow[]> {
  await lockWindowsOf(tx, partnerId);
  const history = await PartnerHistory.load(tx, [partnerId], FOREVER);
  const [last] = await readLastWindows(tx, [partnerId]);
  const opened: AttributionWindow[] = [];
  let previous = last ?? null;
  while (opened.length < MOST_WINDOWS_AT_ONCE && (previous === null || epochMs(previous.fromAt) <= epochMs(at))) {
    const next = nextWindow(history, partnerId, previous, afterEnd ? at : null);
    if (next === null) break;
    previous = { ...next, id: await insertWindow(tx, next) };
    opened.push(previous);
  }
  return opened;
}

/** Writes the program's own windows: they hold the credits that no partner has. */
export async function openProgramWindowsThrough(tx: Tx, at: string): Promise<void> {
  await lockWindowsOf(tx, null);
  const { settings, timeZone, currency, createdAt } = await readProgramFrame(tx);
  const [last] = await readLastWindows(tx, [null]);
  const startMs = epochMs(createdAt);
  const calendar: ContractCalendar = { calendar: settings.calendar, zone: zoneOf(timeZone), startMs };
  let previous: Pick<AttributionWindow, 'fromAt' | 'toAt' | 'no'> | null = last ?? null;
  for (
    let round = 0;
    round < MOST_WINDOWS_AT_ONCE && (previous === null || epochMs(previous.fromAt) <= epochMs(at));
    round += 1
  ) {
    const schedule = windowFrom(
      calendar,
      previous === null ? startMs : skipped(settings.calendar.period, epochMs(previous.toAt), epochMs(at), startMs),
    );
    const window = { ...instantsOf(schedule), no: (previous?.no ?? 0) + 1 };
    await insertWindow(tx, { ...window, partnerId: null, contractId: null, timeZone, currency, isFinal: false });
    previous = window;
  }
}

/** Windows of seconds are not written for a time in which nobody looked: what happened then is held by the next one. */
function skipped(period: string, edgeMs: number, atMs: number, startMs: number): number {
  const { kind, ...rest } = periodOf(period);
  if (kind !== 'exact') return edgeMs;
  const ms = (rest as { ms: number }).ms;
  return Math.max(edgeMs, startMs + Math.floor((atMs - startMs) / ms) * ms);
}

/** Writes what is missing for the program and every partner with a contract, under the intake barrier, each in a short transaction. */
export async function openAllWindows(
  pool: Pool,
  programId: string,
  at: string,
  afterEndOf: readonly string[] = [],
): Promise<void> {
  const partners = await inTransaction(pool, programId, async (tx) => {
    await joinIntake(tx);
    await openProgramWindowsThrough(tx, at);
    return listPartnersBehind(tx, at, afterEndOf);
  });
  for (const partnerId of partners) {
    await inTransaction(pool, programId, async (tx) => {
      await joinIntake(tx);
      await openWindowsThrough(tx, partnerId, at, { afterEnd: afterEndOf.includes(partnerId) });
    });
  }
}

/**
 * Closes the windows of a contract that ended: the one that holds the end becomes short and final, later ones go, unless
 * they hold money, which stands there until it is taken back. The caller stored the `ended` fact in the same transaction under the intake barrier,
 * and holds the partner's book.
 * @param receivedAt the stamp of that fact; no lock is set before it
 */
export async function closeWindowsAtEnd(tx: Tx, partnerId: string, endedAt: string, receivedAt: string): Promise<void> {
  await lockWindowsOf(tx, partnerId);
  const history = await PartnerHistory.load(tx, [partnerId], FOREVER);
  await deleteWindowsFrom(tx, { partnerId, fromAt: endedAt, now: null });
  const last = await findWindowBefore(tx, partnerId, endedAt);
  if (!last || epochMs(last.toAt) < epochMs(endedAt)) return;
  // The contract ended with its window, as one that expires at the end of a month does: nothing is shorter, but no further one comes.
  if (epochMs(last.toAt) === epochMs(endedAt)) return markWindowFinal(tx, last.id);
  const contract = history
    .signedContracts(partnerId)
    .findLast((one: ContractHistory) => one.endedAt !== null && one.versions.length > 0);
  const version = history.signedAt(partnerId, last.fromAt) ?? contract?.versions.at(-1);
  if (!contract || !version) return;
  const startMs = epochMs(contract.versions[0]!.effectiveFrom);
  const schedule = windowFrom(
    { calendar: version.terms.calendar, zone: zoneOf(last.timeZone), startMs, endMs: epochMs(endedAt) },
    epochMs(last.fromAt),
  );
  // Intakes that are in flight may have stamped up to now: a lock is never set at or before a stamp that was given out.
  const leastMs = epochMs(receivedAt) + 1_000;
  const locksAtMs = Math.max(schedule.locksAtMs, leastMs);
  const later = (ms: number) => Math.max(ms, locksAtMs);
  await shortenWindow(tx, {
    id: last.id,
    ...instantsOf({
      ...schedule,
      locksAtMs,
      statementAtMs: later(schedule.statementAtMs),
      paysAtMs: later(schedule.paysAtMs),
    }),
    isFinal: true,
  });
  const work: IntakeWork[] = [
    { kind: 'range', partnerId, fromAt: last.fromAt },
    // What happened before it and came late is held by it too, and locks with it.
    { kind: 'lock', partnerId, fromAt: '-infinity', toAt: last.fromAt },
  ];
  await queueIntakeWork(tx, work, receivedAt);
}
