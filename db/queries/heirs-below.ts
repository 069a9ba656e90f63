import { lookup } from './lookup.ts';

/**
 * The walk from conversions (ids in `$2`, which stand in it) down to their renewals and instalments received before `$3`, level by level, as SQL:
 * `below` (id, external_id). `$1` is the program.
 * @param only what an heir `c` must be, else the walk ends above it
 * @param joined what it is joined with for that
 */
export function heirsBelow(only = 'true', joined = ''): string {
  return `with recursive below as (
       select c.id, c.external_id
       from unnest($2::text[]) as a (id)
       ${lookup('conversion', 'c', 'c.id = a.id')}
       union
       select c.id, c.external_id
       from below b
       ${lookup('conversion', 'c', `c.parent_external_id = b.external_id and c.received_at < $3 and ${only}`)}
       ${joined}
     )`;
}
