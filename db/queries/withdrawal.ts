import type { Tx } from '../transaction.ts';

/** Those of these ids of persons who took their consent back: nothing is attached to them any more. */
export async function withdrawnAmong(tx: Tx, identityIds: readonly string[]): Promise<Set<string>> {
  if (identityIds.length === 0) return new Set();
  const { rows } = await tx.query<{ identity_id: string }>(
    'select identity_id from consent_withdrawal where program_id = $1 and identity_id = any ($2)',
    [tx.programId, identityIds],
  );
  return new Set(rows.map((row) => row.identity_id));
}
