import { DomainError } from '../../domain/errors.ts';
import { joinIntake } from '../locks.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { Origins } from './origin.ts';
import { Refusal } from './result.ts';
import type { IntakeResult } from './result.ts';
import { readTouchpointItem } from './touchpoint-item.ts';
import { storeTouchpoints } from './touchpoints.ts';
import { queueIntakeWork } from './work.ts';

/**
 * Takes a touchpoint out of every journey by an approved fact; the conversions that it was part of are credited anew, locked ones too.
 * A second void of the same touchpoint changes nothing. Joins the intake barrier: call it before any other lock of the transaction.
 * @throws DomainError `not-found`
 */
export async function voidTouchpoint(
  tx: Tx,
  voided: { touchpointId: string; reason: string; approvedBy: string },
): Promise<void> {
  const receivedAt = await joinIntake(tx);
  const { rows } = await tx.query<{ identity_id: string | null; occurred_at: string }>(
    'select identity_id, occurred_at from touchpoint_key where program_id = $1 and id = $2 and occurred_at is not null',
    [tx.programId, voided.touchpointId],
  );
  const touchpoint = rows[0];
  if (!touchpoint) throw new DomainError('not-found', `There is no touchpoint ${voided.touchpointId}.`);
  const { rowCount } = await tx.query(
    `insert into touchpoint_void (program_id, touchpoint_id, reason, approved_by, received_at)
     values ($1, $2, $3, $4, $5)
     on conflict (program_id, touchpoint_id) do nothing`,
    [tx.programId, voided.touchpointId, voided.reason, voided.approvedBy, receivedAt],
  );
  if (rowCount === 0 || touchpoint.identity_id === null) return;
  await queueIntakeWork(
    tx,
    [{ kind: 'void', identityId: touchpoint.identity_id, fromAt: touchpoint.occurred_at }],
    receivedAt,
  );
}

/**
 * Adds a touchpoint by an approved fact; it counts for locked conversions too. `item` has the shape of `POST /v1/touchpoints`.
 * @returns its id; the same item again gives the same id
 * @throws DomainError `invalid`; `duplicate` when it is stored already, but was not approved: void that one, or give another id
 */
export async function addTouchpoint(pool: Pool, programId: string, item: unknown, approvedBy: string): Promise<string> {
  return inTransaction(pool, programId, (tx) => addTouchpointIn(tx, item, approvedBy));
}

/** As `addTouchpoint`, in the caller's transaction, before any other lock. */
export async function addTouchpointIn(tx: Tx, item: unknown, approvedBy: string): Promise<string> {
  try {
    const receivedAt = await joinIntake(tx);
    const read = readTouchpointItem(item, 'tandem');
    const origins = await Origins.load(tx, [read]);
    const results: IntakeResult[] = [];
    await storeTouchpoints(
      tx,
      [{ index: 0, item: { ...read, approvedBy, origin: origins.resolve(read) } }],
      receivedAt,
      results,
    );
    await assertAdded(tx, read.id, results[0]);
    return read.id;
  } catch (error) {
    if (error instanceof Refusal) throw new DomainError('invalid', error.message);
    throw error;
  }
}

/** What is stored already stays as it came: only one that was approved then counts for locked conversions. */
async function assertAdded(tx: Tx, id: string, result: IntakeResult | undefined): Promise<void> {
  if (result?.status === 'rejected') throw new DomainError('invalid', result.detail ?? 'The touchpoint was refused.');
  if (result?.status !== 'duplicate') return;
  const { rows } = await tx.query(
    'select 1 from touchpoint where program_id = $1 and id = $2 and approved_by is not null',
    [tx.programId, id],
  );
  if (rows.length > 0) return;
  throw new DomainError('duplicate', `The touchpoint ${id} is stored already, and was not approved.`);
}
