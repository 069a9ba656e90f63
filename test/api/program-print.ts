import type { Pool } from '../../db/pool.ts';
import { inTransaction } from '../../db/transaction.ts';

/**
 * A count and a hash of the rows of every table that the program can see, to show that nothing changed.
 * When a key was last used is left out: that is noted of refused calls, too.
 * @returns `<rows> <hash>` by table
 */
export function printProgram(pool: Pool, programId: string): Promise<Record<string, string>> {
  return inTransaction(pool, programId, async (tx) => {
    const { rows: tables } = await tx.query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
         and has_table_privilege(oid, 'select')`,
    );
    const prints = tables.map(
      ({ name }) =>
        `select '${name}' as name, count(*) || ' ' || coalesce(md5(string_agg(line, ',' order by line)), '-') as print
         from (select (to_jsonb(t) - 'last_used_at')::text as line from "${name}" t) lines`,
    );
    const { rows } = await tx.query<{ name: string; print: string }>(prints.join('\nunion all\n'));
    return Object.fromEntries(rows.map(({ name, print }) => [name, print]));
  });
}
