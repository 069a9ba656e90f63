-- Why: rows in bulk go through a temporary table, because row-level security refuses COPY into the real ones.
do $$
begin
  if not has_database_privilege('tandem_app', current_database(), 'temporary') then
    execute format('grant temporary on database %I to tandem_app', current_database());
  end if;
end
$$;

-- One row of work names all the persons of a chunk, identity by identity with the instant from which on it is touched.
alter table intake_work
  add column identity_ids text[],
  add column from_ats timestamptz[],
  add constraint intake_work_names_persons_in_pairs check (cardinality(identity_ids) is not distinct from cardinality(from_ats));

-- A chunk is read once and deleted: packing it costs more than the space it saves.
alter table import_chunk alter column bytes set storage external;
