import { isMadeUp, MOST_IDS } from '../../domain/attribution/identity.ts';
import { newId } from '../ids.ts';
import { withdrawnAmong } from '../queries/withdrawal.ts';
import type { Tx } from '../transaction.ts';

/** Two ids that name one person. `cause` is the event that said so, for instance `conversion/cnv_…`. */
export interface Merge {
  aId: string;
  bId: string;
  cause: string;
  occurredAt: string;
}

/** What became of merges. */
export interface Merged {
  /** The ids whose union grew, one per edge that was accepted. */
  grown: string[];
  /** The edges that were not made, because their union would have had more than 50 ids, as `edgeText`. */
  refused: Set<string>;
}

const MOST_ROUNDS = 20;

/**
 * Adds edges to the merge log and keeps `identity.component_id` in step; an edge that would make a union of more than 50 ids is noted as refused,
 * and tried again when it is named again: an undo may have made room.
 * The last step of an intake: whoever waits here for another intake holds nothing that an earlier step of one waits for.
 */
export async function addMerges(tx: Tx, merges: readonly Merge[], receivedAt: string): Promise<Merged> {
  const edges = await newEdges(tx, merges);
  if (edges.length === 0) return { grown: [], refused: new Set() };
  const members = await lockUnions(
    tx,
    edges.flatMap(({ aId, bId }) => [aId, bId]),
  );
  // Read under the locks: an event that found an id a moment before its person withdrew is merged with nobody.
  const withdrawn = await withdrawnAmong(tx, [...members.keys()]);
  const usable = edges.filter(({ aId, bId }) => !withdrawn.has(aId) && !withdrawn.has(bId));
  const rows = usable.map((edge) => ({ ...edge, refused: joinUnions(members, edge) ? null : 'too-many-ids' }));
  await tx.query(
    `insert into identity_merge (program_id, id, a_id, b_id, cause, refused_reason, occurred_at, received_at)
     select $1, e.id, e."aId", e."bId", e.cause, e.refused, e."occurredAt", $3
     from jsonb_to_recordset($2::jsonb) as e (id text, "aId" text, "bId" text, cause text, refused text, "occurredAt" timestamptz)
     order by e."aId", e."bId"
     on conflict (program_id, a_id, b_id, refused_reason) do nothing`,
    [
      tx.programId,
      JSON.stringify(rows.map((row) => ({ ...row, id: `mrg_${newId('identity').slice(4)}` }))),
      receivedAt,
    ],
  );
  await storeUnions(tx, members);
  const refused = rows.filter((row) => row.refused !== null);
  return {
    grown: rows.filter((row) => row.refused === null).map(({ aId }) => aId),
    refused: new Set(refused.map(({ aId, bId }) => edgeText(aId, bId))),
  };
}

/** An edge in one text, whichever of its ids comes first. */
export function edgeText(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** The edges in normal form (a before b), each once, without those that the log has as made. */
async function newEdges(tx: Tx, merges: readonly Merge[]): Promise<Merge[]> {
  const edges = new Map<string, Merge>();
  for (const merge of merges) {
    if (merge.aId === merge.bId) continue;
    const [aId, bId] = merge.aId < merge.bId ? [merge.aId, merge.bId] : [merge.bId, merge.aId];
    const key = edgeText(aId, bId);
    if (!edges.has(key)) edges.set(key, { ...merge, aId, bId });
  }
  if (edges.size === 0) return [];
  const list = [...edges.values()];
  const { rows } = await tx.query<{ a_id: string; b_id: string }>(
    `select m.a_id, m.b_id
     from unnest($2::text[], $3::text[]) as wanted (a_id, b_id)
     join identity_merge m on m.program_id = $1 and m.a_id = wanted.a_id and m.b_id = wanted.b_id
     where m.refused_reason is null`,
    [tx.programId, list.map(({ aId }) => aId), list.map(({ bId }) => bId)],
  );
  for (const row of rows) edges.delete(edgeText(row.a_id, row.b_id));
  return [...edges.values()].sort((a, b) => (`${a.aId} ${a.bId}` < `${b.aId} ${b.bId}` ? -1 : 1));
}

/** The ids of one person. */
export interface Union {
  ids: Set<string>;
  /** How many of them somebody sent: those that Tandem made up come and go with the order of events, and do not count. */
  sent: number;
}

/** By id; one union is shared by all its members. */
type Unions = Map<string, Union>;

/**
 * Locks the whole unions of these ids, ascending by id. When a union grew while we waited, all locks are given back before the next try:
 * a lock taken out of order could deadlock.
 */
export async function lockUnions(tx: Tx, ids: readonly string[]): Promise<Unions> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await tx.query('savepoint unions');
    const before = await unionsOf(tx, ids);
    await tx.query(
      'select id from identity where program_id = $1 and component_id = any ($2) order by id for no key update',
      [tx.programId, before],
    );
    const after = await unionsOf(tx, ids);
    if (after.every((union) => before.includes(union))) {
      const { rows } = await tx.query<Member>(
        'select id, component_id, kind, value from identity where program_id = $1 and component_id = any ($2)',
        [tx.programId, after],
      );
      await tx.query('release savepoint unions');
      return groupByUnion(rows);
    }
    await tx.query('rollback to savepoint unions');
  }
  throw Object.assign(new Error('The unions of these ids kept growing.'), { code: '55P03' });
}

async function unionsOf(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ component_id: string }>(
    'select distinct component_id from identity where program_id = $1 and id = any ($2)',
    [tx.programId, ids],
  );
  return rows.map((row) => row.component_id);
}

interface Member {
  id: string;
  component_id: string;
  kind: string;
  value: string;
}

function groupByUnion(rows: readonly Member[]): Unions {
  const unions = new Map<string, Union>();
  const members: Unions = new Map();
  for (const { id, component_id: name, kind, value } of rows) {
    const union = unions.get(name) ?? { ids: new Set<string>(), sent: 0 };
    unions.set(name, union);
    union.ids.add(id);
    if (kind !== 'customer' || !isMadeUp(value)) union.sent += 1;
    members.set(id, union);
  }
  return members;
}

/** Joins the unions of an edge in memory; false when together they are too large. */
function joinUnions(members: Unions, { aId, bId }: Merge): boolean {
  const a = members.get(aId)!;
  const b = members.get(bId)!;
  if (a === b) return true;
  if (a.sent + b.sent > MOST_IDS) return false;
  a.sent += b.sent;
  for (const id of b.ids) {
    a.ids.add(id);
    members.set(id, a);
  }
  return true;
}

/** A union is named by the smallest of its ids. */
async function storeUnions(tx: Tx, members: Unions): Promise<void> {
  const names = new Map<Union, string>();
  for (const union of new Set(members.values()))
    names.set(
      union,
      [...union.ids].reduce((least, id) => (id < least ? id : least)),
    );
  const ids = [...members.keys()];
  await tx.query(
    `update identity i
     set component_id = u.component_id
     from unnest($2::text[], $3::text[]) as u (id, component_id)
     where i.program_id = $1 and i.id = u.id and i.component_id <> u.component_id`,
    [tx.programId, ids, ids.map((id) => names.get(members.get(id)!))],
  );
}
