import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { Intake, IntakeOptions, Placed } from './batch.ts';
import { cellArray } from './cell-array.ts';
import { countReusedIds } from './id-reuse.ts';
import { forgetUnnamed, identifyPersons } from './identity.ts';
import { assertNotInFuture } from './item.ts';
import { addMerges } from './merge.ts';
import type { Merge } from './merge.ts';
import { ensureChannels, Origins } from './origin.ts';
import type { Origin } from './origin.ts';
import { PersonIds } from './person-ids.ts';
import { insertsWithoutConflict } from './plain-insert.ts';
import { Refusal, rejected } from './result.ts';
import type { IntakeResult } from './result.ts';
import { RowParameters } from './row-parameters.ts';
import { readTouchpointItem } from './touchpoint-item.ts';
import type { TouchpointItem } from './touchpoint-item.ts';
import { touchedPersons, touchpointColumns } from './touchpoint-columns.ts';
import { queueIntakeWork, queueTouchedPersons } from './work.ts';

/** From so many on, ids are looked up and then taken by a plain insert, which costs less than one that looks for conflicts. */
const MANY = 100;

/** A touchpoint with everything it refers to, ready to be stored. */
export interface ResolvedTouchpoint extends TouchpointItem {
  origin: Origin;
  bot?: boolean;
  /** Who approved an addition by hand; such touchpoints count whenever they were received. */
  approvedBy?: string;
}

export const TOUCHPOINT_INTAKE: Intake<TouchpointItem> = {
  kind: 'touchpoint.received',
  read: readTouchpointItem,
  store,
};

/**
 * Takes touchpoints in (`POST /v1/touchpoints`), at most 1,000, under the intake barrier. An event with two identity fields merges them.
 * @returns one result per item, in order
 */
export async function intakeTouchpoints(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: IntakeOptions = {},
): Promise<IntakeResult[]> {
  return intakeBatch(pool, programId, items, { ...options, ...TOUCHPOINT_INTAKE });
}

/** The same for what a page with a site's public key saw, where anybody may say anything: nothing that is refused of it counts against a partner. */
export async function intakePageTouchpoints(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: IntakeOptions = {},
): Promise<IntakeResult[]> {
  const read = (value: unknown) => ({ ...readTouchpointItem(value), isFromPage: true });
  return intakeBatch(pool, programId, items, { ...options, ...TOUCHPOINT_INTAKE, read });
}

async function store(
  tx: Tx,
  items: Placed<TouchpointItem>[],
  receivedAt: string,
  results: IntakeResult[],
  options: { areNew?: boolean },
): Promise<void> {
  const origins = await Origins.load(
    tx,
    items.map(({ item }) => item),
  );
  const resolved: Placed<ResolvedTouchpoint>[] = [];
  for (const placed of items) {
    attempt(results, placed.index, () => {
      assertNotInFuture(placed.item.occurredAt, receivedAt);
      placed.item.origin = origins.resolve(placed.item);
      resolved.push(placed as Placed<ResolvedTouchpoint>);
    });
  }
  await storeTouchpoints(tx, resolved, receivedAt, results, options);
}

/**
 * Stores resolved touchpoints in the caller's intake; fills `results` by index.
 * @param options.areNew the sender has repeated nothing so far: ids are taken in the faster way for those that nobody has
 * @returns the identity of each person that the touchpoints name
 */
export async function storeTouchpoints(
  tx: Tx,
  items: readonly Placed<ResolvedTouchpoint>[],
  receivedAt: string,
  results: IntakeResult[],
  options: { areNew?: boolean } = {},
): Promise<PersonIds> {
  if (items.length === 0) return new PersonIds();
  const identities = new PersonIds();
  const channels = new Set<string>();
  let last: Origin | undefined;
  for (const { item } of items) {
    if (item.origin !== last) channels.add((last = item.origin).channel);
    item.slot = undefined;
    if (!item.consent) continue;
    for (const key of item.person) {
      const slot = identities.add(key);
      item.slot ??= slot;
    }
  }
  await identifyPersons(tx, identities);
  await ensureChannels(tx, [...channels]);
  const { firsts, repeated } = sortById(items);
  const others = await insertNew(tx, firsts, identities, receivedAt, options);
  const merges: Merge[] = [];
  const stored: Placed<ResolvedTouchpoint>[] = [];
  for (const placed of items) {
    const { index, item } = placed;
    const first = repeated.get(placed) ?? placed;
    const other = others.get(item.id);
    const result = resultOf(index, item, other ?? first.item.digest, other === undefined && first === placed);
    results[index] = result;
    if (result.status !== 'accepted') continue;
    stored.push(placed);
    if (!item.consent || item.person.length < 2) continue;
    const ids = item.person.map((key) => identities.of(key));
    merges.push(...mergesOf(ids, `touchpoint/${item.id}`, item.occurredAt));
  }
  if (stored.length < items.length) await forgetUnnamed(tx, identities, personsOf(stored));
  await countReusedIds(tx, items, receivedAt, results);
  const { grown } = await addMerges(tx, merges, receivedAt);
  await queueIntakeWork(
    tx,
    grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
  return identities;
}

const personsOf = (items: readonly Placed<ResolvedTouchpoint>[]) =>
  items.flatMap(({ item }) => (item.consent ? item.person : []));

/** The ids of one event are one person: each joins the first. */
export function mergesOf(ids: readonly string[], cause: string, occurredAt: string): Merge[] {
  const [first, ...others] = ids;
  return first === undefined ? [] : others.map((bId) => ({ aId: first, bId, cause, occurredAt }));
}

/** An id that is there already makes its item a duplicate, or `id-reused` when the content differs. */
function resultOf(index: number, { id, digest }: TouchpointItem, stored: string, isFirst: boolean): IntakeResult {
  if (stored === digest) return { index, id, status: isFirst ? 'accepted' : 'duplicate' };
  return rejected(index, new Refusal('id-reused', `id: "${id}" was sent before with other content.`), id);
}

/**
 * Ids are taken sorted, so that two intakes never wait for each other crosswise.
 * @returns the first of each id, sorted, and of every other one the first of its id
 */
function sortById(items: readonly Placed<ResolvedTouchpoint>[]) {
  const sorted = items.toSorted((a, b) => (a.item.id < b.item.id ? -1 : a.item.id === b.item.id ? 0 : 1));
  const firsts: ResolvedTouchpoint[] = [];
  const repeated = new Map<Placed<ResolvedTouchpoint>, Placed<ResolvedTouchpoint>>();
  let first = sorted[0]!;
  for (const placed of sorted) {
    if (placed !== first && placed.item.id === first.item.id) repeated.set(placed, first);
    else firsts.push((first = placed).item);
  }
  return { firsts, repeated };
}

/**
 * Stores the touchpoints whose ids nobody has, and queues their persons.
 * @param sorted by id, each id once
 * @returns the digests of those that are stored already, by id
 */
async function insertNew(
  tx: Tx,
  sorted: readonly ResolvedTouchpoint[],
  identities: PersonIds,
  receivedAt: string,
  { areNew }: { areNew?: boolean },
): Promise<Map<string, string>> {
  const isMany = sorted.length >= MANY;
  let others = isMany && !areNew ? await findDigests(tx, sorted) : new Map<string, string>();
  let left = others.size === 0 ? sorted : sorted.filter(({ id }) => !others.has(id));
  if (left.length === 0) return others;
  let rows = new RowParameters(touchpointColumns(left, identities));
  const claimed = await claimKeys(tx, rows, isMany);
  if (claimed && claimed.size < left.length) {
    others = await findDigests(
      tx,
      sorted.filter(({ id }) => !claimed.has(id)),
    );
    left = left.filter(({ id }) => claimed.has(id));
    if (left.length === 0) return others;
    rows = new RowParameters(touchpointColumns(left, identities));
  }
  await insertTouchpoints(tx, rows, receivedAt);
  await queueTouchedPersons(tx, touchedPersons(left, identities), receivedAt);
  return others;
}

/** Takes the ids that nobody has. @returns these; null: all of them */
async function claimKeys(tx: Tx, rows: RowParameters, isMany: boolean): Promise<Set<string> | null> {
  const values: unknown[] = [tx.programId];
  const from = rows.from(['id', 'digest', 'occurred_at', 'identity_id'], values);
  const insert = `insert into touchpoint_key (program_id, id, digest, occurred_at, identity_id)
     select $1, s.id, s.digest, s.occurred_at, s.identity_id from ${from}`;
  if (isMany && (await insertsWithoutConflict(tx, insert, values, 'touchpoint_key_pkey'))) return null;
  const claimed = await tx.query<{ id: string }>(
    `${insert} on conflict (program_id, id) do nothing returning id`,
    values,
  );
  return new Set(claimed.rows.map(({ id }) => id));
}

async function findDigests(tx: Tx, items: readonly { id: string }[]): Promise<Map<string, string>> {
  const ids = cellArray(
    'text',
    items.map(({ id }) => id),
  );
  const { rows } = await tx.query<{ id: string; digest: string }>(
    `select id, encode(digest, 'hex') as digest from touchpoint_key where program_id = $1 and id = any ((select $2::text[])::text[])`,
    [tx.programId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.digest]));
}

async function insertTouchpoints(tx: Tx, rows: RowParameters, receivedAt: string): Promise<void> {
  const values: unknown[] = [tx.programId, receivedAt];
  const from = rows.from(STORED, values);
  await tx.query(
    `insert into touchpoint (program_id, received_at, ${STORED.join(', ')})
     select $1, $2, ${STORED.map((name) => `s.${name}`).join(', ')}
     from ${from}`,
    values,
  );
}

const STORED = [
  ...['id', 'occurred_at', 'identity_id', 'channel', 'partner_id', 'kind', 'link_id', 'coupon_id', 'content_id'],
  ...['sub_id', 'bot', 'consent', 'properties', 'approved_by'],
];
