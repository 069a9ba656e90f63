import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { Intake, IntakeOptions, Placed } from './batch.ts';
import { countReusedIds } from './id-reuse.ts';
import { ensureIdentities } from './identity.ts';
import { assertNotInFuture } from './item.ts';
import { addMerges } from './merge.ts';
import type { Merge } from './merge.ts';
import { ensureChannels, Origins } from './origin.ts';
import type { Origin } from './origin.ts';
import { PersonIds } from './person-ids.ts';
import { insertsWithoutConflict } from './plain-insert.ts';
import { Refusal, rejected } from './result.ts';
import type { IntakeResult } from './result.ts';
import { stageRows } from './staged-rows.ts';
import type { StagedRows } from './staged-rows.ts';
import { readTouchpointItem } from './touchpoint-item.ts';
import type { TouchpointItem } from './touchpoint-item.ts';
import { touchpointColumns } from './touchpoint-columns.ts';
import { queueIntakeWork, queueTouchedPersons } from './work.ts';

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
  for (const { index, item } of items) {
    attempt(results, index, () => {
      assertNotInFuture(item.occurredAt, receivedAt);
      resolved.push({ index, item: Object.assign(item, { origin: origins.resolve(item) }) });
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
  const identities = await ensureIdentities(
    tx,
    items.flatMap(({ item }) => (item.consent ? item.person : [])),
  );
  await ensureChannels(
    tx,
    items.map(({ item }) => item.origin.channel),
  );
  const firsts = new Map<string, Placed<ResolvedTouchpoint>>();
  for (const placed of items) if (!firsts.has(placed.item.id)) firsts.set(placed.item.id, placed);
  const rows = [...firsts.values()].map(({ item }) => item);
  let staged = await stageRows(tx, touchpointColumns(rows, identities));
  const unclaimed = await claimKeys(tx, staged, options);
  if (unclaimed.length > 0) staged = await staged.without('id', unclaimed);
  const others = await digestsOf(tx, unclaimed);
  const accepted = items.filter(({ index, item }) => {
    const first = firsts.get(item.id)!;
    results[index] = resultOf(
      index,
      item,
      others.get(item.id) ?? first.item.digest,
      index === first.index && !others.has(item.id),
    );
    return results[index].status === 'accepted';
  });
  await countReusedIds(tx, items, receivedAt, results);
  if (accepted.length === 0) return identities;
  await insertTouchpoints(tx, staged, receivedAt);
  await queueTouchedPersons(tx, staged, receivedAt);
  const merges = accepted.flatMap(({ item }) => {
    if (!item.consent || item.person.length < 2) return [];
    const ids = item.person.map((key) => identities.of(key));
    return mergesOf(ids, `touchpoint/${item.id}`, item.occurredAt);
  });
  const grown = await addMerges(tx, merges, receivedAt);
  await queueIntakeWork(
    tx,
    grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
  return identities;
}

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
 * Takes the ids, sorted, so that two intakes never wait for each other crosswise.
 * @returns those that were taken before
 */
async function claimKeys(tx: Tx, staged: StagedRows, { areNew }: { areNew?: boolean }): Promise<string[]> {
  const insert = `insert into touchpoint_key (program_id, id, digest) select $1, s.id, decode(s.digest, 'hex') from ${staged.from(2)} order by s.id`;
  const values = [tx.programId, ...staged.values];
  if (areNew && (await insertsWithoutConflict(tx, insert, values, 'touchpoint_key_pkey'))) return [];
  const { rows } = await tx.query<{ id: string }>(
    `with claimed as (${insert} on conflict (program_id, id) do nothing returning id)
     select s.id from ${staged.from(2)} where not exists (select from claimed c where c.id = s.id)`,
    values,
  );
  return rows.map(({ id }) => id);
}

async function digestsOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<{ id: string; digest: string }>(
    `select id, encode(digest, 'hex') as digest from touchpoint_key where program_id = $1 and id = any ($2)`,
    [tx.programId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.digest]));
}

async function insertTouchpoints(tx: Tx, staged: StagedRows, receivedAt: string): Promise<void> {
  await tx.query(
    `insert into touchpoint (
       program_id, id, occurred_at, received_at, identity_id, channel, partner_id, kind, link_id, coupon_id, content_id, sub_id, bot, consent,
       properties, approved_by
     )
     select $1, s.id, s.occurred_at, $2, s.identity_id, s.channel, s.partner_id, s.kind, s.link_id, s.coupon_id, s.content_id, s.sub_id, s.bot,
       s.consent, s.properties, s.approved_by
     from ${staged.from(3)}`,
    [tx.programId, receivedAt, ...staged.values],
  );
}
