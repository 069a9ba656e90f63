import { CHANNEL_PATTERN } from '../../domain/attribution/name.ts';
import { hasOnlyValue, ONLY_VALUE } from '../../domain/attribution/paths.ts';
import type { ReadItems } from '../intake/batch.ts';
import { ItemReader } from '../intake/item.ts';
import type { IntakeResult } from '../intake/result.ts';
import type { Tx } from '../transaction.ts';

const LONGEST_PATH = 1_000;
const DECIMAL = /^\d{1,15}(\.\d{1,9})?$/;

export interface JourneyItem {
  path: string[];
  conversions: number;
  /** A plain decimal without currency. */
  value: string;
  nulls: number;
}

/** Reads one aggregated path: how many took it, how many of them converted, and for how much. @throws Refusal */
export function readJourneyItem(row: unknown): JourneyItem {
  const reader = new ItemReader(row, ['path', 'conversions', 'value', 'nulls']);
  const path = reader.raw('path');
  const isPath =
    Array.isArray(path) &&
    path.length > 0 &&
    path.length <= LONGEST_PATH &&
    path.every((channel) => typeof channel === 'string' && CHANNEL_PATTERN.test(channel));
  if (!isPath) reader.fault('path', `Give 1–${LONGEST_PATH} channels, each of 1–64 of a–z, 0–9, _ and -.`);
  const given = reader.raw('value') ?? '0';
  const value = typeof given === 'number' || typeof given === 'string' ? `${given}` : '';
  if (!DECIMAL.test(value)) reader.fault('value', 'Give a decimal that is not negative, with 9 places at most.');
  const item = {
    path: path as string[],
    conversions: count(reader, 'conversions'),
    value,
    nulls: count(reader, 'nulls'),
  };
  if (hasOnlyValue({ conversions: item.conversions, value: Number(value) })) reader.fault('value', ONLY_VALUE);
  reader.assertNoFaults();
  return item;
}

function count(reader: ItemReader, field: string): number {
  const value = reader.raw(field) ?? 0;
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  reader.fault(field, 'Give a whole number that is not negative.');
  return 0;
}

/** Stores aggregated paths of an import; `lines` are those of the items, by index. */
export async function storeJourneys(
  tx: Tx,
  importId: string,
  { count, placed, refused }: ReadItems<JourneyItem>,
  lines: readonly number[],
): Promise<IntakeResult[]> {
  await tx.query(
    `insert into import_journey (program_id, import_id, line, path, conversions, value, nulls)
     select $1, $2, j.line, array(select jsonb_array_elements_text(j.path)), j.conversions, j.value, j.nulls
     from jsonb_to_recordset($3::jsonb) as j (line integer, path jsonb, conversions bigint, value numeric, nulls bigint)
     order by j.line`,
    [tx.programId, importId, JSON.stringify(placed.map(({ index, item }) => ({ ...item, line: lines[index] })))],
  );
  return Array.from({ length: count }, (_, index) => refused[index] ?? { index, id: null, status: 'accepted' });
}
