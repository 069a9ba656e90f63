import { SYSTEM } from '../../domain/actor.ts';
import type { Pool } from '../pool.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { CHUNKS_AT_ONCE, endImport, getImport } from './import.ts';

/** An upload of which nothing came for so long is taken for one that nobody goes on with. A client may repeat it until then. */
const QUIET_UPLOAD_HOURS = 24;
/** A chunk is taken in seconds: when none was for so long, somebody looks whether the file is being read at all. */
const QUIET_READING_HOURS = 1;
const IMPORTS_AT_ONCE = 100;

/** Imports that have not ended and did not go on for a while; by the database's clock, as their progress is. */
const QUIET = `program_id = $1 and state in ('queued', 'running') and progress_at < clock_timestamp()`;
const QUIET_UPLOAD = `${QUIET} - interval '${QUIET_UPLOAD_HOURS} hours' and chunks is null`;
const QUIET_READING = `${QUIET} - interval '${QUIET_READING_HOURS} hours' and chunks is not null`;

/**
 * Ends uploads that broke off. Whoever brings bytes holds the row and moves its progress, and the condition is asked again under the row's lock,
 * so that none that goes on is ended, however slow it is.
 * @returns the ids of those that it ended
 */
export async function endBrokenUploads(pool: Pool, programId: string): Promise<string[]> {
  const ended: string[] = [];
  for (const id of await list(pool, programId, QUIET_UPLOAD)) {
    const isEnded = await inTransaction(pool, programId, (tx) =>
      breakOff(
        tx,
        id,
        QUIET_UPLOAD,
        (arrived) =>
          `The upload broke off${arrived > 0 ? ` after ${count(arrived)}` : ''}: nothing came for ${QUIET_UPLOAD_HOURS} hours. ` +
          'Nothing of it was taken in. Send the whole file again with a new Idempotency-Key.',
      ),
    );
    if (isEnded) ended.push(id);
  }
  return ended;
}

/** Imports that arrived whole and of which no chunk was taken for an hour: not begun, waiting for a worker, or given up. */
export async function listQuietReadings(pool: Pool, programId: string): Promise<string[]> {
  return list(pool, programId, QUIET_READING);
}

/** Ends an import that arrived whole and that nobody reads any more, unless a chunk of it was taken since. @returns whether it did */
export async function endQuietReading(pool: Pool, programId: string, id: string): Promise<boolean> {
  return inTransaction(pool, programId, (tx) =>
    breakOff(
      tx,
      id,
      QUIET_READING,
      (_, read) =>
        `The reading of the file was ended from outside after ${count(read)}; what was taken until then stays. ` +
        'Send the whole file again with a new Idempotency-Key: rows that were taken count as duplicates.',
    ),
  );
}

/**
 * Takes away what is left of files whose import has ended, each hundred chunks in a transaction of their own; what a crash leaves is found by
 * the next call.
 * @returns how many chunks
 */
export async function deleteLeftChunks(pool: Pool, programId: string, atOnce = CHUNKS_AT_ONCE): Promise<number> {
  for (let deleted = 0; ;) {
    const more = await inTransaction(pool, programId, async (tx) => {
      const { rowCount } = await tx.query(
        `delete from import_chunk
         where program_id = $1 and (import_id, no) in (
           select d.import_id, d.no
           from import_chunk d
           join import i on i.program_id = d.program_id and i.id = d.import_id
           where d.program_id = $1 and i.state not in ('queued', 'running')
           limit $2
           for update of d skip locked)`,
        [programId, atOnce],
      );
      return rowCount ?? 0;
    });
    if (more === 0) return deleted;
    deleted += more;
  }
}

async function list(pool: Pool, programId: string, which: string): Promise<string[]> {
  return inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `select id from import where ${which} order by progress_at limit ${IMPORTS_AT_ONCE}`,
      [programId],
    );
    return rows.map(({ id }) => id);
  });
}

async function breakOff(
  tx: Tx,
  id: string,
  which: string,
  reasonOf: (arrived: number, read: number) => string,
): Promise<boolean> {
  const { rows } = await tx.query<{ arrived: number; read: number; at: string }>(
    `select arrived, read, clock_timestamp() as at from import where ${which} and id = $2 for no key update`,
    [tx.programId, id],
  );
  if (!rows[0]) return false;
  const { arrived, read, at } = rows[0];
  await endImport(tx, id, 'failed', reasonOf(arrived, read));
  const { accepted, duplicate, rejected } = await getImport(tx, id);
  await recordEvent(tx, {
    kind: 'import.broke-off',
    actor: SYSTEM,
    at,
    subject: { type: 'import', id },
    data: { read, accepted, duplicate, rejected },
  });
  return true;
}

function count(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
