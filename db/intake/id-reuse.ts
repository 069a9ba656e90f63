import type { Tx } from '../transaction.ts';
import type { Placed } from './batch.ts';
import type { IntakeResult } from './result.ts';

/**
 * Counts, per partner, the items of a batch that were refused because their id was taken by another content; a screen looks for many of
 * them. What pages sent is left out: their key is public, so anybody could hold a partner's money by it. In the intake's own transaction, so that what is refused is counted exactly when the rest is stored.
 */
export async function countReusedIds(
  tx: Tx,
  items: readonly Placed<{ origin: { partnerId: string | null }; isFromPage?: boolean }>[],
  receivedAt: string,
  results: readonly IntakeResult[],
): Promise<void> {
  const counts = new Map<string, number>();
  for (const { index, item } of items) {
    const { partnerId } = item.origin;
    if (item.isFromPage) continue;
    if (partnerId !== null && results[index]?.code === 'id-reused')
      counts.set(partnerId, (counts.get(partnerId) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  await tx.query(
    `insert into id_reuse (program_id, partner_id, items, received_at)
     select $1, r.partner_id, r.items, $4 from unnest($2::text[], $3::integer[]) as r (partner_id, items)`,
    [tx.programId, [...counts.keys()], [...counts.values()], receivedAt],
  );
}
