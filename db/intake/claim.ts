import type { Tx } from '../transaction.ts';
import type { Placed } from './batch.ts';
import { Refusal, rejected } from './result.ts';
import type { IntakeResult } from './result.ts';

/** What tells one fact from another: the sender's id of it, and the digest of its content. */
interface Claim {
  externalId: string;
  digest: string;
}

/** A fact that is stored under an external id. */
interface StoredClaim {
  id: string;
  externalId: string;
  digest: string;
}

/** The first item of each external id, in the order of the batch. */
export function firstsOf<Item extends Claim>(items: readonly Placed<Item>[]): Placed<Item>[] {
  const firsts = new Map<string, Placed<Item>>();
  for (const placed of items) if (!firsts.has(placed.item.externalId)) firsts.set(placed.item.externalId, placed);
  return [...firsts.values()];
}

/**
 * Notes for each item whether it is the one stored now, a repetition, or an id used again for something else.
 * @returns the items that are stored now
 */
export function settleClaims<Item extends Claim & { id: string }>(
  items: readonly Placed<Item>[],
  stored: readonly StoredClaim[],
  results: IntakeResult[],
): Placed<Item>[] {
  const byExternalId = new Map(stored.map((row) => [row.externalId, row]));
  return items.filter(({ index, item }) => {
    const row = byExternalId.get(item.externalId)!;
    const isOurs = row.id === item.id;
    if (row.digest !== item.digest) {
      results[index] = rejected(
        index,
        new Refusal('id-reused', `externalId: "${item.externalId}" was sent before with other content.`),
        row.id,
      );
    } else results[index] = { index, id: row.id, status: isOurs ? 'accepted' : 'duplicate' };
    return isOurs;
  });
}

/** What conversions or refunds are stored under these external ids. */
export async function findClaims(
  tx: Tx,
  table: 'conversion' | 'refund',
  externalIds: readonly string[],
): Promise<StoredClaim[]> {
  const { rows } = await tx.query<StoredClaim>(
    `select id, external_id as "externalId", encode(digest, 'hex') as digest from ${table} where program_id = $1 and external_id = any ($2)`,
    [tx.programId, externalIds],
  );
  return rows;
}
