-- Why: a touchpoint is looked for by its person, or by its id alone when an approved correction takes it out. The key knows the one id of a
-- program and now says whose the touchpoint is and when it was; a second index by id on the large table cost an import a fifth of the
-- database's work. A key whose touchpoint's partition is gone keeps nulls.
alter table touchpoint_key
  add column occurred_at timestamptz,
  add column identity_id text;

-- Both tables hide what is of no program in the session, and the key refuses changes: lifted for this one statement.
alter table touchpoint no force row level security;
alter table touchpoint_key no force row level security, disable trigger insert_only;
update touchpoint_key k
set occurred_at = t.occurred_at, identity_id = t.identity_id
from touchpoint t
where t.program_id = k.program_id and t.id = k.id;
alter table touchpoint_key enable trigger insert_only, force row level security;
alter table touchpoint force row level security;

alter table touchpoint drop constraint touchpoint_pkey;
