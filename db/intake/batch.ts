import type { Actor } from '../../domain/actor.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import { joinIntake } from '../locks.ts';
import type { Pool } from '../pool.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { LONGEST_ID } from './item.ts';
import { Refusal, rejected } from './result.ts';
import type { IntakeResult } from './result.ts';

/** Items that one request may carry. */
export const MOST_ITEMS = 1_000;

export interface IntakeOptions {
  /** Who sent it; by default the system. */
  actor?: Actor;
  /** The sender has repeated nothing so far, so that nothing of this is likely to be stored already. It is found out all the same. */
  areNew?: boolean;
}

/** An item that could be read, at its place in the batch. */
export interface Placed<Item> {
  index: number;
  item: Item;
}

/** What a kind of fact does with the items that could be read; it fills `results` by index. */
export type Store<Item> = (
  tx: Tx,
  items: Placed<Item>[],
  receivedAt: string,
  results: IntakeResult[],
  options: { areNew: boolean },
) => Promise<void>;

/** A kind of fact: its event, how one item is read, and how those that could be read are stored. */
export interface Intake<Item> {
  kind: EventKind;
  /** @throws Refusal */
  read(value: unknown): Item;
  /** A lock that some of its batches take before the barrier, while they hold nothing. */
  lock?(tx: Tx, items: readonly Placed<Item>[]): Promise<void>;
  store: Store<Item>;
}

/**
 * One intake: reads the items, joins the barrier, stores what can be stored, and notes the batch as one event.
 * A bad item is `rejected` and the others stand.
 * @throws DomainError `too-large` for more than 1,000 items
 */
export async function intakeBatch<Item>(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  intake: Intake<Item> & IntakeOptions,
): Promise<IntakeResult[]> {
  if (items.length > MOST_ITEMS) throw new DomainError('too-large', `Send at most ${MOST_ITEMS} items in one request.`);
  const results = await inTransaction(pool, programId, (tx) => storeBatch(tx, items, intake));
  return results.map((result) => (result.status === 'rejected' ? withSentIds(result, items[result.index]) : result));
}

/** What is refused carries the ids by which its sender knows it, so that nobody has to count items. */
function withSentIds(result: IntakeResult, item: unknown): IntakeResult {
  const { id, externalId } = (item ?? {}) as Record<string, unknown>;
  const isId = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_ID;
  return {
    ...result,
    id: result.id ?? (isId(id) ? id : null),
    ...(isId(externalId) ? { externalId } : {}),
  };
}

/** Items of a batch that were read and checked by the rules that need no database. */
export interface ReadItems<Item> {
  /** How many there were. */
  count: number;
  /** Those that could be read. */
  placed: Placed<Item>[];
  /** Refusals of the others, by index. */
  refused: IntakeResult[];
}

/** Items that come one after the other. */
interface ItemReading<Item> extends ReadItems<Item> {
  /** Takes the next item; what `read` throws as a refusal is the item's result. */
  add(read: () => Item): void;
  /** Takes the next item, which was read. */
  push(item: Item): void;
}

export function itemReader<Item>(): ItemReading<Item> {
  const items: ItemReading<Item> = {
    count: 0,
    placed: [],
    refused: [],
    add(read) {
      const index = items.count;
      items.count += 1;
      attempt(items.refused, index, () => items.placed.push({ index, item: read() }));
    },
    push(item) {
      items.placed.push({ index: items.count, item });
      items.count += 1;
    },
  };
  return items;
}

/** Reads items and stores them in the caller's transaction, 10,000 at most. */
export async function storeBatch<Item>(
  tx: Tx,
  values: readonly unknown[],
  intake: Intake<Item> & IntakeOptions,
): Promise<IntakeResult[]> {
  const items = itemReader<Item>();
  for (const value of values) items.add(() => intake.read(value));
  return storeItems(tx, items, intake);
}

/**
 * Stores items in the caller's transaction, 10,000 at most: joins the barrier, stores what can be stored, notes the batch as one event.
 * @returns one result per item, in order
 */
export async function storeItems<Item>(
  tx: Tx,
  { count, placed, refused }: ReadItems<Item>,
  { kind, lock, store, actor, areNew = false }: Omit<Intake<Item>, 'read'> & IntakeOptions,
): Promise<IntakeResult[]> {
  const results = refused.slice();
  await lock?.(tx, placed);
  const receivedAt = await joinIntake(tx);
  if (placed.length > 0) await store(tx, placed, receivedAt, results, { areNew });
  if (results.length !== count) throw new Error('An item was left without a result.');
  await recordBatch(tx, kind, actor ?? SYSTEM, receivedAt, results);
  return results;
}

/** Runs `work` for one item; a refusal becomes its result. */
export function attempt(results: IntakeResult[], index: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    results[index] = rejected(index, error);
  }
}

/** One line for the whole batch, and none where nothing was stored. */
async function recordBatch(
  tx: Tx,
  kind: EventKind,
  actor: Actor,
  at: string,
  results: readonly IntakeResult[],
): Promise<void> {
  const counts = { accepted: 0, duplicate: 0, rejected: 0 };
  let first: IntakeResult | undefined;
  for (const result of results) {
    counts[result.status] += 1;
    if (result.status === 'accepted') first ??= result;
  }
  if (!first) return;
  await recordEvent(tx, {
    kind,
    actor,
    at,
    subject: { type: kind.slice(0, kind.indexOf('.')), id: first.id ?? '' },
    // What says of each fact, by the instant at which it was received, who sent it: one line for all of them is what keeps the intake quick.
    data: { ...counts, receivedAt: at },
  });
}
