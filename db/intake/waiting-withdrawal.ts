import { SYSTEM } from '../../domain/actor.ts';
import { compareInstants } from '../../domain/time/instant.ts';
import type { Tx } from '../transaction.ts';
import { lockUnions } from './merge.ts';
import type { Merge, Union } from './merge.ts';
import type { WaitedMerge } from './waiting-click.ts';
import { withdrawIds } from './withdrawal.ts';

/** A consent that was taken back. */
interface Withdrawn {
  identityId: string;
  requestedBy: string;
  receivedAt: string;
}

/**
 * The clicks that somebody named before taking the consent back, and whose visitor was not known by then: what is known of the visitor came with
 * a consent of its own, so that such a click is stored under an id that leads to nobody, and is withdrawn alone.
 * @param clicks with consent
 * @returns ids of clicks
 */
export async function findWithdrawnClicks(
  tx: Tx,
  clicks: readonly { clickId: string; visitorId: string }[],
): Promise<Set<string>> {
  const named = await tx.query<{ click_id: string }>(
    'select click_id from waiting_click where program_id = $1 and click_id = any ($2)',
    [tx.programId, clicks.map(({ clickId }) => clickId)],
  );
  // Nearly no click is waited for.
  const awaited = new Set(named.rows.map((row) => row.click_id));
  if (awaited.size === 0) return new Set();
  const left = clicks.filter(({ clickId }) => awaited.has(clickId));
  // The limits keep the planner from reading all identities to join them with a few.
  const { rows } = await tx.query<{ click_id: string }>(
    `select c.click_id
     from unnest($2::text[], $3::text[]) as c (click_id, visitor)
     join waiting_click w on w.program_id = $1 and w.click_id = c.click_id
     join lateral (
       select t.received_at from consent_withdrawal t
       where t.program_id = $1 and t.identity_id = w.identity_id and t.received_at >= w.received_at
       limit 1
     ) t on true
     left join lateral (
       select true as is_known from identity i
       where i.program_id = $1 and i.kind = 'visitor' and i.value = c.visitor and i.created_at <= t.received_at
       limit 1
     ) v on true
     where v.is_known is null`,
    [tx.programId, left.map(({ clickId }) => clickId), left.map(({ visitorId }) => visitorId)],
  );
  return new Set(rows.map((row) => row.click_id));
}

/**
 * Takes the consent back for whoever a waited merge would have joined with a person who took it back after the click was named: a click's id is
 * handed out with the click, so this happened before, whatever its clock said. Goes from merge to merge, as the withdrawal would have gone.
 * Part of an intake's last step, as `addMerges` is.
 * @returns the merges of those whose consent stands
 */
export async function withdrawClickers(tx: Tx, waited: readonly WaitedMerge[], receivedAt: string): Promise<Merge[]> {
  if (waited.length === 0) return [];
  const unions = await lockUnions(
    tx,
    waited.flatMap(({ aId, bId }) => [aId, bId]),
  );
  // Read under the locks: nobody of these can take the consent back from here on.
  const standing = await findWithdrawals(tx, [...unions.keys()]);
  const withdrawals = new Map<Union, Withdrawn>();
  for (const withdrawn of standing) noteEarliest(withdrawals, unions.get(withdrawn.identityId)!, withdrawn);
  const before = new Set(withdrawals.keys());
  const links = waited.map(({ aId, bId, receivedAt: named }) => ({ a: unions.get(aId)!, b: unions.get(bId)!, named }));
  while (links.some((link) => spread(withdrawals, link)));
  for (const [union, { requestedBy: id }] of withdrawals)
    if (!before.has(union)) await withdrawIds(tx, [...union.ids], { id, actor: SYSTEM }, receivedAt);
  return waited.filter((_, index) => !withdrawals.has(links[index]!.a) && !withdrawals.has(links[index]!.b));
}

/** @returns whether a withdrawal of one side came to the other */
function spread(withdrawals: Map<Union, Withdrawn>, { a, b, named }: { a: Union; b: Union; named: string }): boolean {
  const reaches = (from: Union, to: Union): boolean => {
    const withdrawn = withdrawals.get(from);
    if (!withdrawn || compareInstants(named, withdrawn.receivedAt) > 0) return false;
    return noteEarliest(withdrawals, to, withdrawn);
  };
  return reaches(a, b) || reaches(b, a);
}

/** @returns whether there was none so early */
function noteEarliest(withdrawals: Map<Union, Withdrawn>, union: Union, withdrawn: Withdrawn): boolean {
  const noted = withdrawals.get(union);
  if (noted && compareInstants(noted.receivedAt, withdrawn.receivedAt) <= 0) return false;
  withdrawals.set(union, withdrawn);
  return true;
}

async function findWithdrawals(tx: Tx, identityIds: readonly string[]): Promise<Withdrawn[]> {
  const { rows } = await tx.query<Withdrawn>(
    `select identity_id as "identityId", requested_by as "requestedBy", received_at as "receivedAt"
     from consent_withdrawal
     where program_id = $1 and identity_id = any ($2)`,
    [tx.programId, identityIds],
  );
  return rows;
}
