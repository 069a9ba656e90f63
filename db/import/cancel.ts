import type { Actor } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import { recordEvent } from '../queries/event.ts';
import type { Tx } from '../transaction.ts';
import { endImport, getImport } from './import.ts';
import type { Import } from './import.ts';

/**
 * Ends an import between two of its chunks: what was taken stays, the rest is left out; a chunk under way is whole or not taken. Twice changes
 * nothing.
 * @returns the import with what was taken
 * @throws DomainError `not-found`, `illegal-transition` for one that came to another end before
 */
export async function cancelImport(tx: Tx, id: string, actor: Actor): Promise<Import> {
  const isCancelled = await endImport(tx, id, 'cancelled');
  const found = await getImport(tx, id);
  if (found.state !== 'cancelled')
    throw new DomainError('illegal-transition', `This import is ${found.state}; there is nothing to cancel.`);
  if (!isCancelled) return found;
  const { read, accepted, duplicate, rejected } = found;
  const { rows } = await tx.query<{ at: string }>('select clock_timestamp() as at');
  await recordEvent(tx, {
    kind: 'import.cancelled',
    actor,
    at: rows[0]!.at,
    subject: { type: 'import', id },
    data: { read, accepted, duplicate, rejected },
  });
  return found;
}
