import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { Intake, IntakeOptions, Placed } from './batch.ts';
import { ensureIdentities } from './identity.ts';
import { assertNotInFuture } from './item.ts';
import { addMerges } from './merge.ts';
import type { Merge } from './merge.ts';
import { ensureChannels, Origins } from './origin.ts';
import type { Origin } from './origin.ts';
import { personKeyText } from './person.ts';
import { Refusal, rejected } from './result.ts';
import type { IntakeResult } from './result.ts';
import { readTouchpointItem } from './touchpoint-item.ts';
import type { TouchpointItem } from './touchpoint-item.ts';
import { queueIntakeWork } from './work.ts';

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
): Promise<void> {
  const origins = await Origins.load(
    tx,
    items.map(({ item }) => item),
  );
  const resolved: Placed<ResolvedTouchpoint>[] = [];
  for (const { index, item } of items) {
    attempt(results, index, () => {
      assertNotInFuture(item.occurredAt, receivedAt);
      resolved.push({ index, item: { ...item, origin: origins.resolve(item) } });
    });
  }
  await storeTouchpoints(tx, resolved, receivedAt, results);
}

/** Stores resolved touchpoints in the caller's intake; fills `results` by index. */
export async function storeTouchpoints(
  tx: Tx,
  items: readonly Placed<ResolvedTouchpoint>[],
  receivedAt: string,
  results: IntakeResult[],
): Promise<void> {
  const identities = await ensureIdentities(
    tx,
    items.flatMap(({ item }) => (item.consent ? item.person : [])),
  );
  await ensureChannels(
    tx,
    items.map(({ item }) => item.origin.channel),
  );
  const accepted = await claimKeys(tx, items, results);
  const rows = accepted.map(({ item }) => ({
    ...item,
    ids: item.consent ? item.person.map((key) => identities.get(personKeyText(key))!) : [],
  }));
  await insertTouchpoints(tx, rows, receivedAt);
  const work = rows.flatMap(({ ids, occurredAt }) =>
    ids[0] ? [{ kind: 'touchpoint' as const, identityId: ids[0], fromAt: occurredAt }] : [],
  );
  await queueIntakeWork(tx, work, receivedAt);
  const merges = rows.flatMap(({ ids, id, occurredAt }) => mergesOf(ids, `touchpoint/${id}`, occurredAt));
  const grown = await addMerges(tx, merges, receivedAt);
  await queueIntakeWork(
    tx,
    grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
}

/** The ids of one event are one person: each joins the first. */
export function mergesOf(ids: readonly string[], cause: string, occurredAt: string): Merge[] {
  const [first, ...others] = ids;
  return first === undefined ? [] : others.map((bId) => ({ aId: first, bId, cause, occurredAt }));
}

/** Takes the ids, sorted; an id that is there already makes its item a duplicate, or `id-reused` when the content differs. */
async function claimKeys<Item extends TouchpointItem>(
  tx: Tx,
  items: readonly Placed<Item>[],
  results: IntakeResult[],
): Promise<Placed<Item>[]> {
  const firsts = new Map<string, Placed<Item>>();
  for (const placed of items) if (!firsts.has(placed.item.id)) firsts.set(placed.item.id, placed);
  const ids = [...firsts.keys()];
  const { rows } = await tx.query<{ id: string }>(
    `insert into touchpoint_key (program_id, id, digest)
     select $1, k.id, decode(k.digest, 'hex') from unnest($2::text[], $3::text[]) as k (id, digest) order by k.id
     on conflict (program_id, id) do nothing
     returning id`,
    [tx.programId, ids, [...firsts.values()].map(({ item }) => item.digest)],
  );
  const claimed = new Set(rows.map(({ id }) => id));
  const stored = await tx.query<{ id: string; digest: string }>(
    `select id, encode(digest, 'hex') as digest from touchpoint_key where program_id = $1 and id = any ($2)`,
    [tx.programId, ids],
  );
  const digests = new Map(stored.rows.map((row) => [row.id, row.digest]));
  return items.filter(({ index, item }) => {
    const isFirst = firsts.get(item.id)?.index === index;
    if (digests.get(item.id) !== item.digest)
      results[index] = rejected(
        index,
        new Refusal('id-reused', `id: "${item.id}" was sent before with other content.`),
        item.id,
      );
    else results[index] = { index, id: item.id, status: isFirst && claimed.has(item.id) ? 'accepted' : 'duplicate' };
    return results[index].status === 'accepted';
  });
}

async function insertTouchpoints(
  tx: Tx,
  rows: readonly (ResolvedTouchpoint & { ids: string[] })[],
  receivedAt: string,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into touchpoint (
       program_id, id, occurred_at, received_at, identity_id, channel, partner_id, kind, link_id, coupon_id, content_id, sub_id, bot, consent,
       properties, approved_by
     )
     select $1, t.id, t.occurred_at, $3, t.identity_id, t.channel, t.partner_id, t.kind, t.link_id, t.coupon_id, t.content_id, t.sub_id, t.bot,
       t.consent, t.properties, t.approved_by
     from jsonb_to_recordset($2::jsonb) as t (
       id text, occurred_at timestamptz, identity_id text, channel text, partner_id text, kind text, link_id text, coupon_id text,
       content_id text, sub_id text, bot boolean, consent boolean, properties jsonb, approved_by text
     )
     order by t.id`,
    [tx.programId, JSON.stringify(rows.map(touchpointRow)), receivedAt],
  );
}

function touchpointRow(item: ResolvedTouchpoint & { ids: string[] }) {
  return {
    id: item.id,
    occurred_at: item.occurredAt,
    identity_id: item.ids[0] ?? null,
    channel: item.origin.channel,
    partner_id: item.origin.partnerId,
    kind: item.kind,
    link_id: item.origin.linkId,
    coupon_id: item.origin.couponId,
    content_id: item.origin.contentId,
    sub_id: item.origin.subId,
    bot: item.bot ?? false,
    consent: item.consent,
    properties: item.properties,
    approved_by: item.approvedBy ?? null,
  };
}
