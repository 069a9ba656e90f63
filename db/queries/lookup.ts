/**
 * A lookup (`as`) of the rows of `table` that hold `condition`, for each row of what stands before it. As a subquery that the planner may
 * not open it is a walk through the index whatever the statistics say: while a program grows faster than PostgreSQL's statistics of it, a
 * plain join would rather read the whole table for every batch.
 */
export function lookup(table: string, as: string, condition: string): string {
  return `cross join lateral (select ${as}.* from ${table} ${as} where ${as}.program_id = $1 and ${condition} offset 0) ${as}`;
}

/** Looks the conversion `c` and where it stands, `s`, up by an id. */
export function conversionByKey(id: string): string {
  return `${lookup('conversion', 'c', `c.id = ${id}`)}
     ${lookup('conversion_state', 's', 's.conversion_id = c.id')}`;
}

/** Looks the credits `k` of a generation of the conversion `c` up. */
export function creditsByKey(generation: string, only = 'true'): string {
  return lookup(
    'credit',
    'k',
    `k.conversion_id = c.id and k.conversion_at = c.occurred_at and k.generation = ${generation} and ${only}`,
  );
}
