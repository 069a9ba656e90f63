-- Why: how a re-evaluation ended was told to nobody. `failure` says why it failed; `overtaken_by` names the one that was carried out after its
-- cut, so that what it compared with no longer stood: such a one is asked for anew.
alter table evaluation
  add column failure text,
  add column overtaken_by text;

-- Those that failed before say why in the record. The policy that a program starts with holds for every event: it shows the first instant that an
-- event may have. The tables hide what is of no program in the session: lifted for these statements.
alter table evaluation no force row level security;
alter table event no force row level security;
alter table attribution_policy no force row level security;
update evaluation e set failure = v.data ->> 'reason'
from event v
where v.program_id = e.program_id and v.subject_type = 'evaluation' and v.subject_id = e.id and v.kind = 'evaluation.failed' and e.state = 'failed';
update attribution_policy set effective_from = '1970-01-01T00:00:00Z'
where effective_from is null and submission is null and state in ('active', 'retired');
alter table attribution_policy force row level security;
alter table event force row level security;
alter table evaluation force row level security;
