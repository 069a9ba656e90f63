import type { Tx } from '../transaction.ts';
import type { Pair } from './commission.ts';

/** Notes that a partner forfeited a sale because a hold was confirmed; the first note of a pair stays. */
export async function insertForfeit(
  tx: Tx,
  { partnerId, conversionId, holdId, receivedAt }: Pair & { holdId: string; receivedAt: string },
): Promise<void> {
  await tx.query(
    `insert into forfeit (program_id, partner_id, conversion_id, hold_id, received_at) values ($1, $2, $3, $4, $5)
     on conflict (program_id, partner_id, conversion_id) do nothing`,
    [tx.programId, partnerId, conversionId, holdId, receivedAt],
  );
}

/** Those of these pairs that were forfeited before the horizon. */
export async function readForfeited(tx: Tx, pairs: readonly Pair[], horizon: string): Promise<Pair[]> {
  if (pairs.length === 0) return [];
  const { rows } = await tx.query<Pair>(
    `select f.partner_id as "partnerId", f.conversion_id as "conversionId"
     from forfeit f
     join (select distinct * from unnest($2::text[], $3::text[]) as p (partner_id, conversion_id)) p
       on f.partner_id = p.partner_id and f.conversion_id = p.conversion_id
     where f.program_id = $1 and f.received_at < $4`,
    [tx.programId, pairs.map(({ partnerId }) => partnerId), pairs.map(({ conversionId }) => conversionId), horizon],
  );
  return rows;
}
