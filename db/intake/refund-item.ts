import type { Money } from '../../domain/money/money.ts';
import { readValue } from './conversion-item.ts';
import { digestOf, ItemReader } from './item.ts';

/** A refund as a sender gave it; without a value it gives back whatever remains. */
export interface RefundItem {
  externalId: string;
  digest: string;
  conversionExternalId: string;
  value: Money | null;
  reason: string;
  occurredAt: string;
}

/** Reads one item of `POST /v1/refunds`. @throws Refusal */
export function readRefundItem(value: unknown): RefundItem {
  const reader = new ItemReader(value, ['externalId', 'conversionExternalId', 'value', 'occurredAt', 'reason']);
  const content = {
    externalId: reader.requiredText('externalId'),
    conversionExternalId: reader.requiredText('conversionExternalId'),
    value: readValue(reader, 'value') ?? null,
    reason: reader.requiredText('reason', 1_000),
    occurredAt: reader.instant('occurredAt'),
  };
  if (content.value?.minor === 0)
    reader.fault('value.minor', 'Give more than nothing, or leave the value out for all that remains.');
  reader.assertNoFaults();
  return { ...content, digest: digestOf(content) };
}
