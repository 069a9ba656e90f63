import type { Tx } from '../../transaction.ts';

/** The longest lookback that any contract version of the program names, in microseconds; 0 when all are silent. */
export async function contractReachMicros(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ micros: string }>(
    `select (extract(epoch from longest_lookback(terms)) * 1000000)::text as micros
     from contract_version
     where program_id = $1 and longest_lookback(terms) is not null
     order by longest_lookback(terms) desc
     limit 1`,
    [tx.programId],
  );
  return rows[0] ? Number(rows[0].micros) : 0;
}
