import { MOST_IDS } from '../../domain/attribution/identity.ts';
import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { Intake, IntakeOptions, Placed } from './batch.ts';
import { loadClicks } from './click.ts';
import type { Click } from './click.ts';
import { ensureIdentities } from './identity.ts';
import { assertNotInFuture, ItemReader } from './item.ts';
import { addMerges, edgeText } from './merge.ts';
import { readPerson } from './person.ts';
import type { PersonKey } from './person.ts';
import { Refusal } from './result.ts';
import type { IntakeResult } from './result.ts';
import { isOwnClickId, lockWaitingClicks, noteWaitingClicks, waitingKey } from './waiting-click.ts';
import { queueIntakeWork } from './work.ts';

interface IdentityItem {
  keys: PersonKey[];
  /** Of a redirect link: its visitor is the same person. */
  clickId: string | null;
  occurredAt: string;
}

/** Where an item says each kind of id. */
const FIELDS = { visitor: 'visitorId', customer: 'customerId', email: 'emailHash' } as const;

const IDENTITY_INTAKE: Intake<IdentityItem> = {
  kind: 'identity.received',
  read: readIdentityItem,
  lock: (tx, items) =>
    lockWaitingClicks(
      tx,
      items.map(({ item }) => item.clickId),
    ),
  store,
};

/**
 * Takes statements "these are one person" in (`POST /v1/identities`), at most 1,000. The second time is a duplicate; what was refused because the
 * person would have too many ids is tried again. A click that is stored later is merged then.
 */
export async function intakeIdentities(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: IntakeOptions = {},
): Promise<IntakeResult[]> {
  return intakeBatch(pool, programId, items, { ...options, ...IDENTITY_INTAKE });
}

function readIdentityItem(value: unknown): IdentityItem {
  const reader = new ItemReader(value, ['visitorId', 'customerId', 'emailHash', 'clickId', 'occurredAt']);
  const clickId = reader.text('clickId');
  const occurredAt = reader.instant('occurredAt');
  reader.assertNoFaults();
  const named = Object.fromEntries(
    ['visitorId', 'customerId', 'emailHash']
      .filter((field) => reader.has(field))
      .map((field) => [field, reader.raw(field)]),
  );
  const keys = readPerson(named, '');
  if (keys.length === 0 || keys.length + (clickId === null ? 0 : 1) < 2)
    throw new Refusal(
      'no-identity',
      'Give at least two of visitorId, customerId, emailHash, clickId, and not the click alone.',
    );
  return { keys, clickId, occurredAt };
}

async function store(
  tx: Tx,
  items: Placed<IdentityItem>[],
  receivedAt: string,
  results: IntakeResult[],
): Promise<void> {
  const clicks = await loadClicks(
    tx,
    items.flatMap(({ item }) => item.clickId ?? []),
  );
  const usable: Placed<IdentityItem>[] = [];
  for (const placed of items) {
    attempt(results, placed.index, () => {
      assertNotInFuture(placed.item.occurredAt, receivedAt);
      assertClickNames(placed.item, clicks);
      usable.push(placed);
    });
  }
  const identities = await ensureIdentities(
    tx,
    usable.flatMap(({ item }) => item.keys),
  );
  const idsOf = ({ keys, clickId }: IdentityItem) => {
    const ids = keys.map((key) => identities.of(key));
    const clicker = clickId === null ? null : clicks.get(clickId)?.identityId;
    return clicker ? [...ids, clicker] : ids;
  };
  const known = await knownEdges(
    tx,
    usable.flatMap(({ item }) => idsOf(item)),
  );
  const awaitedBy = ({ keys, clickId }: IdentityItem) =>
    isOwnClickId(clickId) && !clicks.has(clickId) ? { clickId, identityId: identities.of(keys[0]!) } : null;
  const waiting = usable.flatMap(({ item }) => {
    const awaited = awaitedBy(item);
    return awaited ? [{ ...awaited, cause: `identity/${awaited.identityId}`, occurredAt: item.occurredAt }] : [];
  });
  const noted = await noteWaitingClicks(tx, waiting, receivedAt);
  const merges = usable.flatMap(({ index, item }) => {
    const [first, ...others] = idsOf(item);
    const fresh = others.filter((id) => id !== first && !known.has(edgeText(first!, id)));
    for (const id of fresh) known.add(edgeText(first!, id));
    const awaited = awaitedBy(item);
    const waits = awaited !== null && noted.delete(waitingKey(awaited));
    results[index] = { index, id: first!, status: waits || fresh.length > 0 ? 'accepted' : 'duplicate' };
    return fresh.map((bId) => ({ aId: first!, bId, cause: `identity/${first}`, occurredAt: item.occurredAt }));
  });
  const { grown, refused } = await addMerges(tx, merges, receivedAt);
  for (const { index, item } of usable) attempt(results, index, () => assertJoined(item, idsOf(item), refused));
  await queueIntakeWork(
    tx,
    grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
}

/**
 * @param ids of the item's keys in their order, and of its click where that is known
 * @param refused the edges that were not made
 * @throws Refusal `too-many-ids` naming the fields whose ids were not joined with the first; the others were
 */
function assertJoined({ keys }: IdentityItem, ids: readonly string[], refused: Set<string>): void {
  const fields = ids.map((_, place) => (keys[place] ? FIELDS[keys[place].kind] : 'clickId'));
  const apart = fields.filter((_, place) => refused.has(edgeText(ids[0]!, ids[place]!)));
  if (apart.length === 0) return;
  throw new Refusal(
    'too-many-ids',
    `${apart.join(', ')}: With ${fields[0]} this would be a person of more than ${MOST_IDS} ids. Take a merge back that is wrong (GET /v1/identity-merges), then send this again.`,
  );
}

/** @throws Refusal when the click is all that would make a second id, and nobody knows it nor waits for it, or it names nobody */
function assertClickNames({ keys, clickId }: IdentityItem, clicks: Map<string, Click>): void {
  if (clickId === null || keys.length > 1) return;
  const click = clicks.get(clickId);
  if (!click && isOwnClickId(clickId)) return;
  if (!click) throw new Refusal('unknown-click', `clickId: There is no click "${clickId}".`);
  if (click.identityId === null) throw new Refusal('no-identity', `clickId: The click "${clickId}" names nobody.`);
}

async function knownEdges(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ a_id: string; b_id: string }>(
    'select a_id, b_id from identity_merge where program_id = $1 and a_id = any ($2) and b_id = any ($2) and refused_reason is null',
    [tx.programId, ids],
  );
  return new Set(rows.map((row) => edgeText(row.a_id, row.b_id)));
}
