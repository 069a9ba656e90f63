import type { Pool } from '../../db/pool.ts';
import type { BenchModel } from './models.ts';

/**
 * The plain SQL way: one statement that joins, orders by window functions, weighs, sums and splits by largest remainder twice, and inserts.
 * Whole numbers where the model allows it. It runs as the same role, under the same row-level security.
 */
export function rivalStatement({ weight, only, isExact }: BenchModel, table: string): string {
  const number = isExact ? 'bigint' : 'float8';
  const whole = (text: string) => (isExact ? `(${text})` : `floor(${text})::bigint`);
  const rest = isExact ? '(1000000000000 * w) % total' : '1000000000000 * w / total - floor(1000000000000 * w / total)';
  return `
    insert into ${table} (
      program_id, conversion_id, conversion_at, generation, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor, currency, epoch
    )
    with contract as (
      select partner_id, min(at) as since from contract_fact where program_id = $1 and kind = 'in-force' group by partner_id
    ),
    journey as (
      select c.id, c.occurred_at as at, c.value_minor, c.currency, t.channel, t.partner_id, t.occurred_at as touched_at,
        c.occurred_at - t.occurred_at as age, row_number() over w as pos, count(*) over (partition by c.id) as n
      from conversion c
      join touchpoint t on t.program_id = c.program_id and t.identity_id = c.identity_id
        and t.occurred_at <= c.occurred_at and t.occurred_at >= c.occurred_at - interval '30 days'
      left join contract k on k.partner_id = t.partner_id
      where c.program_id = $1 and t.program_id = $1 and c.occurred_at >= $2 and c.occurred_at < $3
        and (t.partner_id is null or k.since <= c.occurred_at)
      window w as (partition by c.id order by t.occurred_at, t.received_at, t.id)
    ),
    claim as (
      select id, at, value_minor, currency, case when partner_id is null then 'channel' else 'partner' end as kind,
        coalesce(partner_id, channel) as beneficiary, channel, sum((${weight})::${number})::${number} as w, min(touched_at) as first_at
      from journey ${only ? `where ${only}` : ''}
      group by id, at, value_minor, currency, partner_id, channel
    ),
    quotient as (
      select *, ${whole('1000000000000 * w / total')} as share, ${rest} as fraction
      from (select *, (sum(w) over (partition by id))::${number} as total from claim) summed
    ),
    shared as (
      select *, share + (row_number() over (partition by id order by fraction desc, first_at, beneficiary, channel)
        <= 1000000000000 - sum(share) over (partition by id))::int as share_e12
      from quotient
    ),
    part as (
      select *, value_minor * share_e12 / 1000000000000 as minor, value_minor * share_e12 % 1000000000000 as left_over from shared
    )
    select $1, id, at, 1, kind, beneficiary, channel, share_e12,
      minor + (row_number() over (partition by id order by left_over desc, first_at, beneficiary, channel)
        <= value_minor - sum(minor) over (partition by id))::int, currency, 0
    from part`;
}

/** A statement of one model, with what its parameters are. */
interface Statement {
  text: string;
  values: unknown[];
}

/** Runs the plain SQL of each model. @returns milliseconds */
export function runRival(
  pool: Pool,
  programId: string,
  models: readonly { model: BenchModel; table: string }[],
  { fromAt, toAt, lanes }: { fromAt: string; toAt: string; lanes: number },
): Promise<number> {
  const values = [programId, fromAt, toAt];
  const statements = models.map(({ model, table }) => ({ text: rivalStatement(model, table), values }));
  return runStatements(pool, programId, statements, lanes);
}

/**
 * Only writes: copies finished credits into tables with the same keys, in the order in which they lie. What any way costs that ends in such rows.
 * @returns milliseconds
 */
export function runCopies(
  pool: Pool,
  programId: string,
  tables: readonly { from: string; into: string }[],
  { lanes }: { lanes: number },
): Promise<number> {
  const statements = tables.map(({ from, into }) => ({
    text: `insert into ${into} select * from ${from}`,
    values: [],
  }));
  return runStatements(pool, programId, statements, lanes);
}

/** Over so many connections at once. @returns milliseconds */
async function runStatements(
  pool: Pool,
  programId: string,
  statements: readonly Statement[],
  lanes: number,
): Promise<number> {
  const waiting = [...statements];
  const started = performance.now();
  const lane = async () => {
    const client = await pool.connect();
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await client.query('begin');
        await client.query(
          `select set_config('tandem.program_id', $1, true), set_config('work_mem', '512MB', true), set_config('hash_mem_multiplier', '2', true)`,
          [programId],
        );
        await client.query(next.text, next.values);
        await client.query('commit');
      }
    } finally {
      client.release();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return performance.now() - started;
}
