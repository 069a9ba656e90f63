import type { Tx } from '../transaction.ts';

/** The order `$2` and, for a renewal, all that it renews: the oldest decides its shares. A circle is read once. */
const ORDERS = `with recursive orders as (
   select c.id, c.identity_id, c.occurred_at, c.parent_external_id
   from conversion c
   where c.program_id = $1 and c.id = $2
   union
   select c.id, c.identity_id, c.occurred_at, c.parent_external_id
   from orders o
   join conversion c on c.program_id = $1 and c.external_id = o.parent_external_id
 )`;
/** Touchpoints of the persons of these orders, until each order. */
const TOUCHED = `from orders o
 join identity own on own.program_id = $1 and own.id = o.identity_id
 join identity i on i.program_id = $1 and i.component_id = own.component_id
 join touchpoint t on t.program_id = $1 and t.identity_id = i.id and t.occurred_at <= o.occurred_at`;

/** Whether a touchpoint stands in the journey of an order, or of one that it renews. */
export async function isTouchOfOrder(tx: Tx, conversionId: string, touchpointId: string): Promise<boolean> {
  const { rows } = await tx.query(`${ORDERS} select ${TOUCHED} and t.id = $3 limit 1`, [
    tx.programId,
    conversionId,
    touchpointId,
  ]);
  return rows.length > 0;
}

/** Whether a partner has a touchpoint in the journey of an order, or of one that it renews. */
export async function hasTouchedOrder(tx: Tx, conversionId: string, partnerId: string): Promise<boolean> {
  const { rows } = await tx.query(`${ORDERS} select ${TOUCHED} and t.partner_id = $3 limit 1`, [
    tx.programId,
    conversionId,
    partnerId,
  ]);
  return rows.length > 0;
}

/** The partners whose touchpoints stand in the journey of an order, or of one that it renews: correcting it may move the money of each. */
export async function partnersOfOrder(tx: Tx, conversionId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `${ORDERS} select distinct t.partner_id as id ${TOUCHED} and t.partner_id is not null`,
    [tx.programId, conversionId],
  );
  return rows.map(({ id }) => id);
}
