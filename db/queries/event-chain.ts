import { createHash } from 'node:crypto';
import { trySealer } from '../locks.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { digestOfEvent } from './event.ts';
import type { EventContent } from './event.ts';

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

/** The first thing that is wrong with the chain, or null. */
export type ChainFault = string | null;

/**
 * Walks the whole chain: each event still has its digest, each batch its hash, the numbers have no gap, and every event is sealed or waits.
 * @returns the first fault as a sentence, or null
 */
export async function verifyChain(tx: Tx): Promise<ChainFault> {
  const { rows: batches } = await tx.query<{
    batch: number;
    firstSeq: number;
    lastSeq: number;
    previous: Buffer;
    hash: Buffer;
  }>(
    `select batch, first_seq as "firstSeq", last_seq as "lastSeq", previous, hash from event_seal where program_id = $1 order by batch`,
    [tx.programId],
  );
  let previous: Buffer = FIRST;
  let seq = 0;
  for (const [index, seal] of batches.entries()) {
    if (seal.batch !== index + 1 || seal.firstSeq !== seq + 1)
      return `Seal ${seal.batch} does not follow the one before it.`;
    if (!seal.previous.equals(previous))
      return `Seal ${seal.batch} does not continue the hash of seal ${seal.batch - 1}.`;
    const fault = await verifyBatch(tx, seal);
    if (fault !== null) return fault;
    previous = seal.hash;
    seq = seal.lastSeq;
  }
  return findLooseEvent(tx);
}

async function verifyBatch(
  tx: Tx,
  seal: { batch: number; firstSeq: number; lastSeq: number; previous: Buffer; hash: Buffer },
): Promise<ChainFault> {
  const { rows } = await tx.query<EventContent & { seq: number; digest: Buffer }>(
    `select s.seq, e.digest, e.id, e.at, e.kind, e.actor_kind as "actorKind", e.actor_id as "actorId", e.partner_id as "partnerId",
       e.subject_type as "subjectType", e.subject_id as "subjectId", e.data, e.workflow_id as "workflowId", e.run_id as "runId",
       e.activity_id as "activityId"
     from event_sealed s
     join event e on e.program_id = s.program_id and e.id = s.event_id
     where s.program_id = $1 and s.batch = $2
     order by s.seq`,
    [tx.programId, seal.batch],
  );
  if (rows.length !== seal.lastSeq - seal.firstSeq + 1)
    return `Seal ${seal.batch} has ${rows.length} events instead of ${seal.lastSeq - seal.firstSeq + 1}.`;
  for (const { seq, digest, ...content } of rows) {
    const digestNow = digestOfEvent({ ...content, at: new Date(content.at).toISOString() });
    if (!digestNow.equals(digest)) return `Event ${content.id} (number ${seq}) is not what was recorded.`;
  }
  const hash = hashOfBatch(
    seal.previous,
    rows.map(({ digest }) => digest),
  );
  return hash.equals(seal.hash) ? null : `The events of seal ${seal.batch} do not give its hash.`;
}

async function findLooseEvent(tx: Tx): Promise<ChainFault> {
  const { rows } = await tx.query<{ id: string }>(
    `select e.id from event e
     where e.program_id = $1
       and not exists (select from event_sealed s where s.program_id = $1 and s.event_id = e.id)
       and not exists (select from event_unsealed u where u.program_id = $1 and u.event_id = e.id)
     limit 1`,
    [tx.programId],
  );
  return rows[0] ? `Event ${rows[0].id} is neither sealed nor waiting for the sealer.` : null;
}
