const ON_PARTNER = 'h.commission_id is null and h.conversion_id is null';

/**
 * The holds (`id`, `reason`) that cover a commission `c`: on all of its partner, on itself, on its conversion, or on another commission of its
 * conversion. Each is a look at an index of its own: as one condition with `or`, all commissions under a hold were read again for every row.
 */
export const STANDING_HOLDS = `
  select h.id, h.reason from hold h
  where h.program_id = c.program_id and h.partner_id = c.partner_id and h.ended_at is null and ${ON_PARTNER}
  union all
  select h.id, h.reason from hold h
  where h.program_id = c.program_id and h.commission_id = c.id and h.partner_id = c.partner_id and h.ended_at is null
  union all
  select h.id, h.reason from hold h
  where h.program_id = c.program_id and h.conversion_id = c.conversion_id and h.partner_id = c.partner_id and h.ended_at is null
  union all
  select h.id, h.reason
  from commission o
  cross join lateral (
    select h.id, h.reason from hold h
    where h.program_id = o.program_id and h.commission_id = o.id and h.partner_id = c.partner_id and h.ended_at is null
    offset 0
  ) h
  where o.program_id = c.program_id and o.conversion_id = c.conversion_id and o.id <> c.id`;
