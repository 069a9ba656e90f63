import { compareInstants } from '../../domain/time/instant.ts';
import type { Tx } from '../transaction.ts';
import { WINDOW_COLUMNS } from './window.ts';
import type { AttributionWindow } from './window.ts';

/** The window that holds a conversion. `id` null: it is not written, or not yet, and money of it is posted into the next one. */
export interface OriginWindow extends Omit<AttributionWindow, 'id'> {
  id: string | null;
}

/** Which window of a partner holds an instant. */
export interface OriginQuestion {
  key: string;
  partnerId: string;
  at: string;
}

/** The window that holds each instant, locked or not, by key. */
export async function findOriginWindows(
  tx: Tx,
  questions: readonly OriginQuestion[],
): Promise<Map<string, OriginWindow>> {
  return originsAmong(questions, await readWindowsAround(tx, questions));
}

/** The windows of everybody asked about, in order, that end after the first instant asked for, and the one before those. */
export async function readWindowsAround(
  tx: Tx,
  questions: readonly OriginQuestion[],
): Promise<Map<string, AttributionWindow[]>> {
  const windows = new Map<string, AttributionWindow[]>();
  const [first, ...others] = questions;
  if (!first) return windows;
  const earliest = others.reduce((least, { at }) => (compareInstants(at, least) < 0 ? at : least), first.at);
  const { rows } = await tx.query<AttributionWindow & { partnerId: string }>(
    `select ${WINDOW_COLUMNS}
     from (
       select partner_id, max(no) filter (where to_at <= $3) as no from attribution_window
       where program_id = $1 and partner_id = any ($2) group by partner_id
     ) before
     join attribution_window w on w.program_id = $1 and w.partner_id = before.partner_id and w.no >= coalesce(before.no, 0)
     order by w.partner_id, w.no`,
    [tx.programId, [...new Set(questions.map(({ partnerId }) => partnerId))], earliest],
  );
  for (const window of rows) windows.set(window.partnerId, [...(windows.get(window.partnerId) ?? []), window]);
  return windows;
}

/** The window among these that holds each instant. What happens between the windows of two contracts, in a tail, is held by one of its own. */
export function originsAmong(
  questions: readonly OriginQuestion[],
  windows: ReadonlyMap<string, readonly OriginWindow[]>,
): Map<string, OriginWindow> {
  const origins = new Map<string, OriginWindow>();
  for (const { key, partnerId, at } of questions) {
    const own = windows.get(partnerId) ?? [];
    const index = own.findIndex(({ toAt }) => compareInstants(toAt, at) > 0);
    const [before, window] = [own[index - 1], own[index]];
    if (!window) continue;
    if (compareInstants(window.fromAt, at) <= 0) origins.set(key, window);
    else if (before) origins.set(key, { ...window, id: null, fromAt: before.toAt, toAt: window.fromAt });
  }
  return origins;
}
