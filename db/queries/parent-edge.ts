import type { Tx } from '../transaction.ts';
import { lookup } from './lookup.ts';

/** A stored conversion and the parent that it names, which may not be stored; both by the ids that their sender gave them. */
export interface ParentEdge {
  id: string;
  externalId: string;
  parentExternalId: string | null;
  receivedAt: string;
}

const EDGE = `c.id, c.external_id as "externalId", c.parent_external_id as "parentExternalId", c.received_at as "receivedAt"`;

/** Those of these conversions that are stored, and all that stand above them, received before the horizon. A circle is read once. */
export async function readParentsAbove(
  tx: Tx,
  externalIds: readonly string[],
  horizon = 'infinity',
): Promise<ParentEdge[]> {
  if (externalIds.length === 0) return [];
  const { rows } = await tx.query<ParentEdge>(
    `with recursive above as (
       select ${EDGE}
       from unnest($2::text[]) as named (id)
       ${lookup('conversion', 'c', 'c.external_id = named.id and c.received_at < $3')}
       union
       select ${EDGE}
       from above a
       ${lookup('conversion', 'c', 'c.external_id = a."parentExternalId" and c.received_at < $3')}
     )
     select id, "externalId", "parentExternalId", "receivedAt" from above`,
    [tx.programId, externalIds, horizon],
  );
  return rows;
}

/** The conversions that stand below these, level by level, whether these are stored or not. */
export async function readChildrenBelow(tx: Tx, externalIds: readonly string[]): Promise<ParentEdge[]> {
  if (externalIds.length === 0) return [];
  const { rows } = await tx.query<ParentEdge>(
    `with recursive below as (
       select ${EDGE}
       from unnest($2::text[]) as named (id)
       ${lookup('conversion', 'c', 'c.parent_external_id = named.id')}
       union
       select ${EDGE}
       from below b
       ${lookup('conversion', 'c', 'c.parent_external_id = b."externalId"')}
     )
     select id, "externalId", "parentExternalId", "receivedAt" from below`,
    [tx.programId, externalIds],
  );
  return rows;
}
