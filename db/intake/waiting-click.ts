import { closeClicks } from '../locks.ts';
import type { Tx } from '../transaction.ts';
import type { Merge } from './merge.ts';

/** Somebody who named a click that is not stored yet. */
export interface WaitingClick {
  clickId: string;
  identityId: string;
  /** As in `Merge`. */
  cause: string;
  occurredAt: string;
}

/**
 * Whether an id has the form of those that redirect links hand out (`api/redirect/click-id.ts`): 16 bytes as base64url. Only these are waited
 * for; advertisers pass on foreign ones, whose clicks never come.
 */
export function isOwnClickId(id: string | null): id is string {
  return id !== null && /^[\w-]{21}[AQgw]$/.test(id);
}

/**
 * Keeps clicks from being stored until this transaction ends, where one of these ids may be of one that is not stored yet: whoever notes that it
 * waits and whoever stores it would not see each other. Nearly no batch names such an id. Call it before the intake barrier.
 */
export async function lockWaitingClicks(tx: Tx, ids: readonly (string | null)[]): Promise<void> {
  const own = [...new Set(ids.filter(isOwnClickId))];
  if (own.length === 0) return;
  const { rows } = await tx.query<{ stored: number }>(
    'select count(*)::int as stored from click where program_id = $1 and id = any ($2)',
    [tx.programId, own],
  );
  if (rows[0]!.stored < own.length) await closeClicks(tx);
}

/** Notes who waits for which click, sorted. @returns those that were not noted before, as `waitingKey` */
export async function noteWaitingClicks(
  tx: Tx,
  waiting: readonly WaitingClick[],
  receivedAt: string,
): Promise<Set<string>> {
  if (waiting.length === 0) return new Set();
  const { rows } = await tx.query<Pick<WaitingClick, 'clickId' | 'identityId'>>(
    `insert into waiting_click (program_id, click_id, identity_id, cause, occurred_at, received_at)
     select distinct on (w."clickId", w."identityId") $1, w."clickId", w."identityId", w.cause, w."occurredAt", $3::timestamptz
     from jsonb_to_recordset($2::jsonb) as w ("clickId" text, "identityId" text, cause text, "occurredAt" timestamptz)
     order by w."clickId", w."identityId", w."occurredAt", w.cause
     on conflict (program_id, click_id, identity_id) do nothing
     returning click_id as "clickId", identity_id as "identityId"`,
    [tx.programId, JSON.stringify(waiting), receivedAt],
  );
  return new Set(rows.map(waitingKey));
}

export function waitingKey({ clickId, identityId }: Pick<WaitingClick, 'clickId' | 'identityId'>): string {
  return `${clickId} ${identityId}`;
}

/** A merge that waited for its click: `aId` named it, `bId` is its visitor. */
export interface WaitedMerge extends Merge {
  /** When `aId` named the click. */
  receivedAt: string;
}

/**
 * Takes away what waited for clicks that are stored now.
 * @param clicks with the identity of each visitor; null: it names nobody, and nobody is merged
 * @returns the merges to make, sorted
 */
export async function takeWaitingClicks(
  tx: Tx,
  clicks: readonly { clickId: string; identityId: string | null }[],
): Promise<WaitedMerge[]> {
  if (clicks.length === 0) return [];
  const visitors = new Map(clicks.map(({ clickId, identityId }) => [clickId, identityId]));
  const { rows } = await tx.query<WaitingClick & { receivedAt: string }>(
    `delete from waiting_click where program_id = $1 and click_id = any ($2)
     returning click_id as "clickId", identity_id as "identityId", cause, occurred_at as "occurredAt", received_at as "receivedAt"`,
    [tx.programId, [...visitors.keys()]],
  );
  return rows
    .sort((a, b) => (waitingKey(a) < waitingKey(b) ? -1 : 1))
    .flatMap(({ clickId, identityId, cause, occurredAt, receivedAt }) => {
      const visitor = visitors.get(clickId);
      return visitor ? [{ aId: identityId, bId: visitor, cause, occurredAt, receivedAt }] : [];
    });
}
