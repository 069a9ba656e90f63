import { DomainError } from '../../domain/errors.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

/** One attribution window of a partner's contract, or of the program itself (`partnerId` null). */
export interface AttributionWindow {
  id: string;
  partnerId: string | null;
  contractId: string | null;
  no: number;
  fromAt: string;
  toAt: string;
  locksAt: string;
  statementAt: string;
  payAt: string;
  timeZone: string;
  currency: string;
  isFinal: boolean;
}

export const WINDOW_COLUMNS = `w.id, w.partner_id as "partnerId", w.contract_id as "contractId", w.no, w.from_at as "fromAt", w.to_at as "toAt",
  w.locks_at as "locksAt", w.statement_at as "statementAt", w.pay_at as "payAt", w.time_zone as "timeZone", w.currency, w.is_final as "isFinal"`;

/** Adds a window; the same number again changes nothing. @returns its id */
export async function insertWindow(tx: Tx, window: Omit<AttributionWindow, 'id'>): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into attribution_window (
       program_id, id, partner_id, contract_id, no, from_at, to_at, locks_at, statement_at, pay_at, time_zone, currency, is_final
     )
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict on constraint window_number_is_unique do nothing
     returning id`,
    [
      tx.programId,
      newId('window'),
      window.partnerId,
      window.contractId,
      window.no,
      window.fromAt,
      window.toAt,
      window.locksAt,
      window.statementAt,
      window.payAt,
      window.timeZone,
      window.currency,
      window.isFinal,
    ],
  );
  return rows[0]?.id ?? (await findWindow(tx, window.partnerId, window.no))!.id;
}

export async function findWindow(tx: Tx, partnerId: string | null, no: number): Promise<AttributionWindow | undefined> {
  const { rows } = await tx.query<AttributionWindow>(
    `select ${WINDOW_COLUMNS} from attribution_window w where w.program_id = $1 and w.partner_id is not distinct from $2 and w.no = $3`,
    [tx.programId, partnerId, no],
  );
  return rows[0];
}

/** @throws DomainError `not-found` */
export async function getWindow(tx: Tx, windowId: string): Promise<AttributionWindow> {
  const { rows } = await tx.query<AttributionWindow>(
    `select ${WINDOW_COLUMNS} from attribution_window w where w.program_id = $1 and w.id = $2`,
    [tx.programId, windowId],
  );
  if (!rows[0]) throw new DomainError('not-found', `There is no window ${windowId}.`);
  return rows[0];
}

/** The newest window of each of these (null: the program's own), for those that have one. */
export async function readLastWindows(tx: Tx, partnerIds: readonly (string | null)[]): Promise<AttributionWindow[]> {
  const { rows } = await tx.query<AttributionWindow>(
    `select distinct on (w.partner_id) ${WINDOW_COLUMNS}
     from attribution_window w
     where w.program_id = $1 and (w.partner_id = any ($2) or ($3 and w.partner_id is null))
     order by w.partner_id, w.no desc`,
    [tx.programId, partnerIds.filter((id) => id !== null), partnerIds.includes(null)],
  );
  return rows;
}

/** The newest window of a partner that begins before an instant. */
export async function findWindowBefore(tx: Tx, partnerId: string, at: string): Promise<AttributionWindow | undefined> {
  const { rows } = await tx.query<AttributionWindow>(
    `select ${WINDOW_COLUMNS} from attribution_window w
     where w.program_id = $1 and w.partner_id = $2 and w.from_at < $3
     order by w.no desc limit 1`,
    [tx.programId, partnerId, at],
  );
  return rows[0];
}

/** A shorter last window, because its contract ended. Only while it is open. */
export async function shortenWindow(
  tx: Tx,
  window: Pick<AttributionWindow, 'id' | 'toAt' | 'locksAt' | 'statementAt' | 'payAt' | 'isFinal'>,
): Promise<void> {
  await tx.query(
    `update attribution_window set to_at = $3, locks_at = $4, statement_at = $5, pay_at = $6, is_final = $7
     where program_id = $1 and id = $2`,
    [tx.programId, window.id, window.toAt, window.locksAt, window.statementAt, window.payAt, window.isFinal],
  );
}

/** Ends a window of another contract, which has not closed by `now`, at an instant within it. */
export async function endWindowOfOther(
  tx: Tx,
  { partnerId, contractId, toAt, now }: { partnerId: string; contractId: string; toAt: string; now: string },
): Promise<void> {
  await tx.query(
    `update attribution_window set to_at = $4
     where program_id = $1 and partner_id = $2 and contract_id <> $3 and from_at < $4 and to_at > $4 and to_at > $5`,
    [tx.programId, partnerId, contractId, toAt, now],
  );
}

/**
 * Whether a window of the partner that reaches beyond `fromAt` has closed by `now`, or one that begins at or after it holds
 * commissions: then it can neither be shortened to `fromAt` nor taken away.
 */
export async function isWindowTaken(
  tx: Tx,
  { partnerId, fromAt, now }: { partnerId: string; fromAt: string; now: string },
): Promise<boolean> {
  const { rows } = await tx.query<{ taken: boolean }>(
    `select exists (
       select from attribution_window w
       where w.program_id = $1 and w.partner_id = $2 and w.to_at > $3
         and (w.to_at <= $4 or w.from_at >= $3 and exists (
           select from commission c
           where c.program_id = w.program_id and c.partner_id = w.partner_id and (c.window_id = w.id or c.origin_window_id = w.id)))
     ) as taken`,
    [tx.programId, partnerId, fromAt, now],
  );
  return rows[0]!.taken;
}

/** Makes a window that ends with its contract the last one of it. */
export async function markWindowFinal(tx: Tx, windowId: string): Promise<void> {
  await tx.query('update attribution_window set is_final = true where program_id = $1 and id = $2', [
    tx.programId,
    windowId,
  ]);
}

/**
 * Takes a partner's windows away that begin at `fromAt` or later, because its contract, calendar, zone or currency is another from then on. One
 * that holds money stays, and those before it. Its caller holds the partner's book: else a poster could post into one that goes.
 * @param now not null: those that have begun by then stay too
 * @returns how many
 */
export async function deleteWindowsFrom(
  tx: Tx,
  { partnerId, fromAt, now }: { partnerId: string; fromAt: string; now: string | null },
): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from attribution_window w
     where w.program_id = $1 and w.partner_id = $2 and w.from_at >= $3 and ($4::timestamptz is null or w.from_at > $4)
       and not exists (
         select from attribution_window taken
         join commission c on c.program_id = taken.program_id and c.partner_id = taken.partner_id
           and taken.id in (c.window_id, c.origin_window_id)
         where taken.program_id = w.program_id and taken.partner_id = w.partner_id and taken.no >= w.no)`,
    [tx.programId, partnerId, fromAt, now],
  );
  return rowCount ?? 0;
}

/** For each (partner, instant): the first window, from the one that holds the instant on, that is not locked. */
export interface OpenWindowQuestion {
  key: string;
  /** Null: the program's own calendar. */
  partnerId: string | null;
  at: string;
}

/** Answers by key; a question without an answer is left out: no window is open, more must be written. */
export async function findOpenWindows(
  tx: Tx,
  questions: readonly OpenWindowQuestion[],
  sealedAt: string,
): Promise<Map<string, AttributionWindow>> {
  const windows = await readWindowsFrom(tx, questions, sealedAt);
  const answers = new Map<string, AttributionWindow>();
  for (const { key, partnerId, at } of questions) {
    const window = windows.get(partnerId)?.find(({ toAt }) => compareInstants(toAt, at) > 0);
    if (window) answers.set(key, window);
  }
  return answers;
}

/** The windows of everybody asked about, in order, that end after the first instant asked for and lock after `sealedAt`: a few for many questions. */
async function readWindowsFrom(
  tx: Tx,
  questions: readonly OpenWindowQuestion[],
  sealedAt: string,
): Promise<Map<string | null, AttributionWindow[]>> {
  const windows = new Map<string | null, AttributionWindow[]>();
  const [first, ...others] = questions;
  if (!first) return windows;
  const earliest = others.reduce((least, { at }) => (compareInstants(at, least) < 0 ? at : least), first.at);
  const partnerIds = [...new Set(questions.map(({ partnerId }) => partnerId))];
  const { rows } = await tx.query<AttributionWindow>(
    `select ${WINDOW_COLUMNS}
     from attribution_window w
     where w.program_id = $1 and (w.partner_id = any ($2) or ($3 and w.partner_id is null)) and w.to_at > $4 and w.locks_at > $5
     order by w.from_at`,
    [tx.programId, partnerIds.filter((id) => id !== null), partnerIds.includes(null), earliest, sealedAt],
  );
  for (const window of rows) windows.set(window.partnerId, [...(windows.get(window.partnerId) ?? []), window]);
  return windows;
}
