import { join } from '../json/reader.ts';
import type { JsonReader } from '../json/reader.ts';
import { isCurrency } from './currencies.ts';
import { MAX_EVENT_MINOR } from './money.ts';
import type { Money } from './money.ts';

/** Reads `{ minor, currency }` out of a document; `currency`, where given, is the only one allowed there. */
export function readMoney(
  reader: JsonReader,
  value: unknown,
  path: string,
  { least = 0, currency }: { least?: number; currency?: string } = {},
): Money | undefined {
  const fields = reader.object(value, path, ['minor', 'currency']);
  if (!fields) return undefined;
  const minor = reader.integer(fields.minor, join(path, 'minor'), least, MAX_EVENT_MINOR);
  const code = fields.currency;
  if (typeof code !== 'string' || !isCurrency(code)) {
    return reader.fault(join(path, 'currency'), 'Give an active ISO 4217 currency such as EUR.');
  }
  if (currency !== undefined && code !== currency) {
    return reader.fault(join(path, 'currency'), `Give the amount in ${currency}.`);
  }
  return minor === undefined ? undefined : { minor, currency: code };
}
