import type { Tx } from '../transaction.ts';

/** Name of a partner, or undefined. */
export async function readPartnerName(tx: Tx, id: string): Promise<{ id: string; name: string } | undefined> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    'select id, name from partner where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  return rows[0];
}
