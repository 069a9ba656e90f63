/**
 * The step of a recursive walk over merged ids, as SQL: joins to each row `r` (its id in `r.id`) the ids `e.other` that a merge made one person
 * with it, by merges and undos received before an instant. `$1` is the program.
 * @param before the SQL of that instant: a parameter or a column of `r`
 */
export function mergedIds(before: string): string {
  return `${everMergedIds(before)}
      and not exists (select from identity_merge_undo u where u.program_id = $1 and u.merge_id = e.id and u.received_at < ${before})`;
}

/** The same walk over merges that were taken back, too: a locked conversion may still count what they brought. */
export function everMergedIds(before: string): string {
  return `join lateral (
      select m.b_id as other, m.id, m.received_at, m.refused_reason from identity_merge m where m.program_id = $1 and m.a_id = r.id
      union all
      select m.a_id, m.id, m.received_at, m.refused_reason from identity_merge m where m.program_id = $1 and m.b_id = r.id
    ) e on e.refused_reason is null and e.received_at < ${before}`;
}
