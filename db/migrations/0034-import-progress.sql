-- Why: an upload that broke off and is never sent again kept its raw rows for ever, because nobody could tell it from a slow one. Each import
-- says when it last went on, and an upload how many rows have arrived. What is on its way while this runs goes on from now.
alter table import
  add column arrived integer not null default 0,
  add column progress_at timestamptz not null default now();
alter table import alter column progress_at set default clock_timestamp();

-- An empty period is in force at no instant, and would be read as one without a beginning. One that a race once left says nothing; the table hides
-- what is of no program in the session: lifted for this statement.
alter table policy_period no force row level security;
delete from policy_period where isempty(during);
alter table policy_period force row level security;
alter table policy_period add constraint policy_period_holds_an_instant check (not isempty(during));
