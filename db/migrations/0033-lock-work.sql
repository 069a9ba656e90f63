-- Why: when a contract ends, its last window becomes short and locks earlier. What happened before that window and came late is held by it, and
-- must lock with it: a kind of work of its own, which has the feed set the locks of what is open and prices nothing anew.
alter table intake_work
  drop constraint intake_work_kind_is_known,
  add constraint intake_work_kind_is_known
    check (kind in ('conversion', 'touchpoint', 'merge', 'refund', 'void', 'range', 'lock', 'evaluation'));

-- An amendment that changed the currency was priced at once, in windows of the old one. It holds from the next window on: what such versions
-- priced is computed anew, each in the currency of its window. The tables hide what is of no program in the session: lifted for this statement.
alter table contract_fact no force row level security;
alter table contract_version no force row level security;
alter table program_clock no force row level security;
alter table intake_work no force row level security;
insert into intake_work (program_id, kind, partner_id, from_at, received_at)
select f.program_id, 'range', f.partner_id, min(f.at), greatest(clock_timestamp(), min(k.cut_at))
from contract_fact f
join contract_version v on v.program_id = f.program_id and v.contract_id = f.contract_id and v.version = f.version
join program_clock k on k.program_id = f.program_id
where f.kind = 'in-force'
  and exists (
    select from contract_fact other
    join contract_version o on o.program_id = other.program_id and o.contract_id = other.contract_id and o.version = other.version
    where other.program_id = f.program_id and other.contract_id = f.contract_id and other.kind = 'in-force' and other.at < f.at
      and o.terms ->> 'currency' <> v.terms ->> 'currency'
  )
group by f.program_id, f.partner_id;
alter table intake_work force row level security;
alter table program_clock force row level security;
alter table contract_version force row level security;
alter table contract_fact force row level security;
