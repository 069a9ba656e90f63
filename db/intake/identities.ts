import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { IntakeOptions, Placed } from './batch.ts';
import { ensureIdentities } from './identity.ts';
import { assertNotInFuture, ItemReader } from './item.ts';
import { addMerges } from './merge.ts';
import { personKeyText, readPerson } from './person.ts';
import type { PersonKey } from './person.ts';
import { Refusal } from './result.ts';
import type { IntakeResult } from './result.ts';
import { queueIntakeWork } from './work.ts';

interface IdentityItem {
  keys: [PersonKey, ...PersonKey[]];
  occurredAt: string;
}

/** Takes statements "these are one person" in (`POST /v1/identities`), at most 1,000. The second time is a duplicate. */
export async function intakeIdentities(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: IntakeOptions = {},
): Promise<IntakeResult[]> {
  return intakeBatch(pool, programId, items, { ...options, kind: 'identity.received', read: readIdentityItem, store });
}

function readIdentityItem(value: unknown): IdentityItem {
  const reader = new ItemReader(value, ['visitorId', 'customerId', 'emailHash', 'occurredAt']);
  const occurredAt = reader.instant('occurredAt');
  reader.assertNoFaults();
  const named = Object.fromEntries(
    ['visitorId', 'customerId', 'emailHash']
      .filter((field) => reader.has(field))
      .map((field) => [field, reader.raw(field)]),
  );
  const keys = readPerson(named, 'item');
  const [first, ...others] = keys;
  if (!first || others.length === 0)
    throw new Refusal('no-identity', 'Give at least two of visitorId, customerId, emailHash.');
  return { keys: [first, ...others], occurredAt };
}

async function store(
  tx: Tx,
  items: Placed<IdentityItem>[],
  receivedAt: string,
  results: IntakeResult[],
): Promise<void> {
  const usable: Placed<IdentityItem>[] = [];
  for (const placed of items) {
    attempt(results, placed.index, () => {
      assertNotInFuture(placed.item.occurredAt, receivedAt);
      usable.push(placed);
    });
  }
  const identities = await ensureIdentities(
    tx,
    usable.flatMap(({ item }) => item.keys),
  );
  const idsOf = (item: IdentityItem) => item.keys.map((key) => identities.get(personKeyText(key))!);
  const known = await knownEdges(
    tx,
    usable.flatMap(({ item }) => idsOf(item)),
  );
  const merges = usable.flatMap(({ index, item }) => {
    const [first, ...others] = idsOf(item);
    const fresh = others.filter((id) => !known.has(edgeText(first!, id)));
    for (const id of fresh) known.add(edgeText(first!, id));
    results[index] = { index, id: first!, status: fresh.length > 0 ? 'accepted' : 'duplicate' };
    return fresh.map((bId) => ({ aId: first!, bId, cause: `identity/${first}`, occurredAt: item.occurredAt }));
  });
  const grown = await addMerges(tx, merges, receivedAt);
  await queueIntakeWork(
    tx,
    grown.map((identityId) => ({ kind: 'merge' as const, identityId })),
    receivedAt,
  );
}

async function knownEdges(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await tx.query<{ a_id: string; b_id: string }>(
    'select a_id, b_id from identity_merge where program_id = $1 and a_id = any ($2) and b_id = any ($2)',
    [tx.programId, ids],
  );
  return new Set(rows.map((row) => edgeText(row.a_id, row.b_id)));
}

function edgeText(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
