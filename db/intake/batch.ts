import type { Actor } from '../../domain/actor.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import { joinIntake } from '../locks.ts';
import type { Pool } from '../pool.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { Refusal, rejected } from './result.ts';
import type { IntakeResult } from './result.ts';

/** Items that one request may carry. */
export const MOST_ITEMS = 1_000;

export interface IntakeOptions {
  /** Who sent it; by default the system. */
  actor?: Actor;
}

/** An item that could be read, at its place in the batch. */
export interface Placed<Item> {
  index: number;
  item: Item;
}

/** What a kind of fact does with the items that could be read; it fills `results` by index. */
export type Store<Item> = (tx: Tx, items: Placed<Item>[], receivedAt: string, results: IntakeResult[]) => Promise<void>;

/** A kind of fact: its event, how one item is read, and how those that could be read are stored. */
export interface Intake<Item> {
  kind: EventKind;
  /** @throws Refusal */
  read(value: unknown): Item;
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
  { kind, read, store, actor }: Intake<Item> & IntakeOptions,
): Promise<IntakeResult[]> {
  if (items.length > MOST_ITEMS) throw new DomainError('too-large', `Send at most ${MOST_ITEMS} items in one request.`);
  return inTransaction(pool, programId, (tx) => storeBatch(tx, items, { kind, read, store, actor }));
}

/** The same in the caller's transaction, for imports: 10,000 items at most. */
export async function storeBatch<Item>(
  tx: Tx,
  items: readonly unknown[],
  { kind, read, store, actor }: Intake<Item> & IntakeOptions,
): Promise<IntakeResult[]> {
  const results: IntakeResult[] = [];
  const placed: Placed<Item>[] = [];
  items.forEach((value, index) => {
    attempt(results, index, () => placed.push({ index, item: read(value) }));
  });
  const receivedAt = await joinIntake(tx);
  if (placed.length > 0) await store(tx, placed, receivedAt, results);
  await recordBatch(tx, kind, actor ?? SYSTEM, receivedAt, results);
  return items.map((_, index) => results[index]!);
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
  const count = (status: IntakeResult['status']) => results.filter((result) => result?.status === status).length;
  const accepted = count('accepted');
  if (accepted === 0) return;
  const first = results.find((result) => result?.status === 'accepted');
  await recordEvent(tx, {
    kind,
    actor,
    at,
    subject: { type: kind.slice(0, kind.indexOf('.')), id: first?.id ?? '' },
    data: { accepted, duplicate: count('duplicate'), rejected: count('rejected') },
  });
}
