import { newId } from '../ids.ts';
import type { Pool } from '../pool.ts';
import type { Tx } from '../transaction.ts';
import { attempt, intakeBatch } from './batch.ts';
import type { Intake, IntakeOptions, Placed } from './batch.ts';
import { findClaims, firstsOf, settleClaims } from './claim.ts';
import { assertNotInFuture } from './item.ts';
import { readRefundItem } from './refund-item.ts';
import type { RefundItem } from './refund-item.ts';
import { Refusal } from './result.ts';
import type { IntakeResult } from './result.ts';
import { queueIntakeWork } from './work.ts';

export const REFUND_INTAKE: Intake<RefundItem> = { kind: 'refund.received', read: readRefundItem, store };

/**
 * Takes refunds in (`POST /v1/refunds`), at most 1,000, under the intake barrier. A refund before its sale waits for it; whether it is
 * within what remains of the sale is decided by the feed, in order of receipt.
 */
export async function intakeRefunds(
  pool: Pool,
  programId: string,
  items: readonly unknown[],
  options: IntakeOptions = {},
): Promise<IntakeResult[]> {
  return intakeBatch(pool, programId, items, { ...options, ...REFUND_INTAKE });
}

async function store(tx: Tx, items: Placed<RefundItem>[], receivedAt: string, results: IntakeResult[]): Promise<void> {
  const currencies = await currenciesOf(
    tx,
    items.map(({ item }) => item.conversionExternalId),
  );
  const usable: Placed<RefundItem & { id: string }>[] = [];
  for (const { index, item } of items) {
    attempt(results, index, () => {
      assertNotInFuture(item.occurredAt, receivedAt);
      const currency = currencies.get(item.conversionExternalId);
      if (currency !== undefined && item.value !== null && item.value.currency !== currency) {
        throw new Refusal(
          'wrong-currency',
          `value.currency: The sale was in ${currency}; give its refund in ${currency} too.`,
        );
      }
      usable.push({ index, item: { ...item, id: newId('refund') } });
    });
  }
  const accepted = await insertRefunds(tx, usable, receivedAt, results);
  await queueIntakeWork(
    tx,
    accepted.map(({ item }) => ({ kind: 'refund' as const, externalId: item.conversionExternalId })),
    receivedAt,
  );
}

async function currenciesOf(tx: Tx, externalIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await tx.query<{ external_id: string; currency: string }>(
    'select external_id, currency from conversion where program_id = $1 and external_id = any ($2)',
    [tx.programId, externalIds],
  );
  return new Map(rows.map((row) => [row.external_id, row.currency]));
}

async function insertRefunds<Item extends RefundItem & { id: string }>(
  tx: Tx,
  items: readonly Placed<Item>[],
  receivedAt: string,
  results: IntakeResult[],
): Promise<Placed<Item>[]> {
  const firsts = firstsOf(items);
  await tx.query(
    `insert into refund (program_id, id, external_id, digest, conversion_external_id, value_minor, currency, reason, occurred_at, received_at)
     select $1, r.id, r."externalId", decode(r.digest, 'hex'), r."conversionExternalId", (r.value ->> 'minor')::bigint, r.value ->> 'currency', r.reason,
       r."occurredAt", $3
     from jsonb_to_recordset($2::jsonb) as r (
       id text, "externalId" text, digest text, "conversionExternalId" text, value jsonb, reason text, "occurredAt" timestamptz
     )
     order by r."externalId"
     on conflict (program_id, external_id) do nothing`,
    [tx.programId, JSON.stringify(firsts.map(({ item }) => item)), receivedAt],
  );
  const stored = await findClaims(
    tx,
    'refund',
    firsts.map(({ item }) => item.externalId),
  );
  return settleClaims(items, stored, results);
}
