import { createHash } from 'node:crypto';
import { trySealer } from '../locks.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';

/** Events of one batch, and how many batches one call seals: a sealer that fell behind catches up in steps. */
const MOST_PER_BATCH = 5_000;
const FIRST = Buffer.alloc(32);

/**
 * Moves the events that are not sealed into the program's hash chain, as one batch. Of several sealers one works, the others leave at once.
 * @returns how many events were sealed
 */
export async function sealEvents(pool: Pool, programId: string): Promise<number> {
  return inTransaction(pool, programId, async (tx) => {
    if (!(await trySealer(tx))) return 0;
    const { rows: events } = await tx.query<{ id: string; digest: Buffer }>(
      `select e.id, e.digest
       from event_unsealed u
       join event e on e.program_id = u.program_id and e.id = u.event_id
       where u.program_id = $1
       order by e.id
       limit $2`,
      [tx.programId, MOST_PER_BATCH],
    );
    if (events.length === 0) return 0;
    const last = await lastSeal(tx);
    const ids = events.map(({ id }) => id);
    const hash = hashOfBatch(
      last.hash,
      events.map(({ digest }) => digest),
    );
    await tx.query(
      `insert into event_sealed (program_id, seq, event_id, batch)
       select $1, $2 + ordinal, id, $3 from unnest($4::text[]) with ordinality as e (id, ordinal)`,
      [tx.programId, last.seq, last.batch + 1, ids],
    );
    await tx.query(
      'insert into event_seal (program_id, batch, first_seq, last_seq, previous, hash) values ($1, $2, $3, $4, $5, $6)',
      [tx.programId, last.batch + 1, last.seq + 1, last.seq + events.length, last.hash, hash],
    );
    await tx.query('delete from event_unsealed where program_id = $1 and event_id = any ($2)', [tx.programId, ids]);
    return events.length;
  });
}

/** SHA-256 over the hash before it and the digests of the batch in order. */
function hashOfBatch(previous: Buffer, digests: readonly Buffer[]): Buffer {
  const hash = createHash('sha256').update(previous);
  for (const digest of digests) hash.update(digest);
  return hash.digest();
}

async function lastSeal(tx: Tx): Promise<{ batch: number; seq: number; hash: Buffer }> {
  const { rows } = await tx.query<{ batch: number; seq: number; hash: Buffer }>(
    'select batch, last_seq as seq, hash from event_seal where program_id = $1 order by batch desc limit 1',
    [tx.programId],
  );
  return rows[0] ?? { batch: 0, seq: 0, hash: FIRST };
}

/** The head of the chain, to be sent out: who has it can tell later whether the past was rewritten. Null before the first seal. */
export async function chainHead(tx: Tx): Promise<{ batch: number; seq: number; hash: string } | null> {
  const head = await lastSeal(tx);
  return head.batch === 0 ? null : { batch: head.batch, seq: head.seq, hash: head.hash.toString('hex') };
}
