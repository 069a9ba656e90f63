import { DomainError } from '../../domain/errors.ts';
import { parseRate } from '../../domain/money/rate.ts';
import { queueIntakeWork } from '../intake/work.ts';
import { joinIntake } from '../locks.ts';
import type { Tx } from '../transaction.ts';

/** Units of `quote` for one unit of `base` on a day (UTC), as a decimal text. A rate that was used is immutable. */
export interface FxRate {
  base: string;
  quote: string;
  /** YYYY-MM-DD */
  day: string;
  rate: string;
  source: string;
}

export interface StoredFxRate extends FxRate {
  usedAt: string | null;
}

/**
 * Stores rates under the intake barrier and queues the conversions of their days. The same rate again changes nothing; of a corrected one the
 * rate before is kept for what reads an earlier instant. Each pair and day once. Call it before any other lock of the transaction.
 * @throws DomainError `immutable` when a rate that was used shall change
 */
export async function putFxRates(tx: Tx, rates: readonly FxRate[]): Promise<void> {
  const receivedAt = await joinIntake(tx);
  const sorted = [...rates].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  for (const rate of sorted) {
    parseRate(rate.rate);
    if (!(await insertRate(tx, rate, receivedAt)) && !(await correctRate(tx, rate, receivedAt))) continue;
    const { day } = rate;
    await queueIntakeWork(
      tx,
      [{ kind: 'range', fromAt: `${day}T00:00:00Z`, toAt: `${nextDay(day)}T00:00:00Z` }],
      receivedAt,
    );
  }
}

async function insertRate(tx: Tx, { base, quote, day, rate, source }: FxRate, receivedAt: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into fx_rate (program_id, base, quote, day, rate, source, received_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, base, quote, day) do nothing`,
    [tx.programId, base, quote, day, rate, source, receivedAt],
  );
  return rowCount === 1;
}

/** @returns false for the rate that stands already */
async function correctRate(tx: Tx, { base, quote, day, rate, source }: FxRate, receivedAt: string): Promise<boolean> {
  const key = [tx.programId, base, quote, day];
  const { rows } = await tx.query<{ same: boolean; used: boolean }>(
    `select rate = $5 as same, used_at is not null as used
     from fx_rate
     where program_id = $1 and base = $2 and quote = $3 and day = $4
     for no key update`,
    [...key, rate],
  );
  if (rows[0]!.same) return false;
  if (rows[0]!.used)
    throw new DomainError(
      'immutable',
      `The rate ${base}/${quote} of ${day} was used and cannot change. Correct the money by an adjustment.`,
    );
  await tx.query(
    `insert into fx_rate_history (program_id, base, quote, day, rate, source, received_at, replaced_at)
     select program_id, base, quote, day, rate, source, received_at, $5
     from fx_rate
     where program_id = $1 and base = $2 and quote = $3 and day = $4`,
    [...key, receivedAt],
  );
  await tx.query(
    `update fx_rate set rate = $5, source = $6, received_at = $7
     where program_id = $1 and base = $2 and quote = $3 and day = $4`,
    [...key, rate, source, receivedAt],
  );
  return true;
}

const keyOf = ({ base, quote, day }: FxRate) => `${base} ${quote} ${day}`;
const nextDay = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** All rates that ever held, corrected ones too: each from when it was received until it was replaced. At an instant one at most is known. */
export const RATES_KNOWN = `
  select program_id, base, quote, day, rate, received_at, 'infinity'::timestamptz as replaced_at from fx_rate
  union all
  select program_id, base, quote, day, rate, received_at, replaced_at from fx_rate_history`;

/** The rates known just before the horizon, by `base quote day`. */
export async function readFxRates(
  tx: Tx,
  wanted: readonly Pick<FxRate, 'base' | 'quote' | 'day'>[],
  horizon: string,
): Promise<Map<string, string>> {
  if (wanted.length === 0) return new Map();
  const { rows } = await tx.query<{ key: string; rate: string }>(
    `select distinct r.base || ' ' || r.quote || ' ' || r.day::text as key, trim_scale(r.rate)::text as rate
     from unnest($2::text[], $3::text[], $4::date[]) as w (base, quote, day)
     join (${RATES_KNOWN}) r on r.program_id = $1 and r.base = w.base and r.quote = w.quote and r.day = w.day
       and r.received_at < $5 and r.replaced_at >= $5`,
    [
      tx.programId,
      wanted.map(({ base }) => base),
      wanted.map(({ quote }) => quote),
      wanted.map(({ day }) => day),
      horizon,
    ],
  );
  return new Map(rows.map(({ key, rate }) => [key, rate]));
}

/** Marks rates as used, sorted: from now on they cannot change. */
export async function markFxRatesUsed(tx: Tx, keys: readonly string[]): Promise<void> {
  for (const key of [...new Set(keys)].sort()) {
    const [base, quote, day] = key.split(' ');
    await tx.query(
      'update fx_rate set used_at = clock_timestamp() where program_id = $1 and base = $2 and quote = $3 and day = $4 and used_at is null',
      [tx.programId, base, quote, day],
    );
  }
}

/** Rates, newest day first; `after` is `day base quote` of the last one that was read. */
export async function listFxRates(
  tx: Tx,
  filter: { base?: string; quote?: string; from?: string; to?: string; after?: string; limit: number },
): Promise<StoredFxRate[]> {
  const { rows } = await tx.query<StoredFxRate>(
    `select base, quote, day::text as day, trim_scale(rate)::text as rate, source, used_at as "usedAt"
     from fx_rate
     where program_id = $1 and ($2::text is null or base = $2) and ($3::text is null or quote = $3)
       and ($4::date is null or day >= $4) and ($5::date is null or day < $5)
       and ($7::text is null or day < split_part($7, ' ', 1)::date
         or (day = split_part($7, ' ', 1)::date and (base, quote) > (split_part($7, ' ', 2), split_part($7, ' ', 3))))
     order by day desc, base, quote
     limit $6`,
    [
      tx.programId,
      filter.base ?? null,
      filter.quote ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.limit,
      filter.after ?? null,
    ],
  );
  return rows;
}
