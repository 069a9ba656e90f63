-- Why: parents that go round in a circle, or stand more than a hundred one above the other, were taken once. Such conversions are credited by their
-- own journeys now, whenever something looks at them; this has the feed look at them once. What is locked stays as it is. Those whose line of
-- parents ends within a hundred are counted down from where it ends, each once.

-- The tables hide what is of no program in the session: lifted for this one statement.
alter table conversion no force row level security;
alter table conversion_state no force row level security;
alter table program_clock no force row level security;
alter table intake_work no force row level security;
with recursive ending as (
  select c.program_id, c.external_id, 1 as parents
  from conversion c
  left join conversion p on p.program_id = c.program_id and p.external_id = c.parent_external_id
  where c.parent_external_id is not null and p.parent_external_id is null
  union all
  select c.program_id, c.external_id, e.parents + 1
  from ending e
  join conversion c on c.program_id = e.program_id and c.parent_external_id = e.external_id
  where e.parents < 100
)
insert into intake_work (program_id, kind, conversion_id, received_at)
select c.program_id, 'conversion', c.id, greatest(clock_timestamp(), k.cut_at)
from conversion c
join program_clock k on k.program_id = c.program_id
join conversion_state s on s.program_id = c.program_id and s.conversion_id = c.id
where c.parent_external_id is not null
  and (s.locks_at is null or s.locks_at > k.sealed_at)
  and not exists (select from ending e where e.program_id = c.program_id and e.external_id = c.external_id);
alter table intake_work force row level security;
alter table program_clock force row level security;
alter table conversion_state force row level security;
alter table conversion force row level security;
