import type { Tx } from '../transaction.ts';

/** A stored conversion and the parent that it names, which may not be stored; both by the ids that their sender gave them. */
export interface ParentEdge {
  externalId: string;
  parentExternalId: string | null;
  receivedAt: string;
}

const EDGE = `c.external_id as "externalId", c.parent_external_id as "parentExternalId", c.received_at as "receivedAt"`;

/**
 * Those of these conversions that are stored, and all that stand above them, received before the horizon. A circle is read once.
 * The lateral joins keep the planner from reading all conversions once for every level.
 */
export async function readParentsAbove(
  tx: Tx,
  externalIds: readonly string[],
  horizon = 'infinity',
): Promise<ParentEdge[]> {
  if (externalIds.length === 0) return [];
  const { rows } = await tx.query<ParentEdge>(
    `with recursive above as (
       select ${EDGE} from conversion c where c.program_id = $1 and c.external_id = any ($2) and c.received_at < $3
       union
       select parent.*
       from above a
       cross join lateral (
         select ${EDGE} from conversion c where c.program_id = $1 and c.external_id = a."parentExternalId" and c.received_at < $3 limit 1
       ) parent
     )
     select "externalId", "parentExternalId", "receivedAt" from above`,
    [tx.programId, externalIds, horizon],
  );
  return rows;
}

/** The conversions that stand below these, level by level, whether these are stored or not. */
export async function readChildrenBelow(tx: Tx, externalIds: readonly string[]): Promise<ParentEdge[]> {
  if (externalIds.length === 0) return [];
  const { rows } = await tx.query<ParentEdge>(
    `with recursive below as (
       select ${EDGE} from conversion c where c.program_id = $1 and c.parent_external_id = any ($2)
       union
       select child.*
       from below b
       cross join lateral (
         select ${EDGE} from conversion c where c.program_id = $1 and c.parent_external_id = b."externalId" offset 0
       ) child
     )
     select "externalId", "parentExternalId", "receivedAt" from below`,
    [tx.programId, externalIds],
  );
  return rows;
}
