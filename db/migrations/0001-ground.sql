-- Why: the application's role, and the two guards that every table of a program gets: row-level security, and insert-only books.

create extension if not exists btree_gist;

do $$
begin
  if not exists (select from pg_roles where rolname = 'tandem_app') then
    create role tandem_app nologin nosuperuser nobypassrls;
  end if;
  if not pg_has_role(current_user, 'tandem_app', 'set') then
    execute format('grant tandem_app to %I with set true', current_user);
  end if;
end
$$;

grant usage on schema public to tandem_app;

-- Turns row-level security on and forces it, so that a query without a program in its session sees nothing.
create function protect_tenant_table(target regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy own_program on %s using (program_id = (select current_setting(''tandem.program_id'', true))) with check (program_id = (select current_setting(''tandem.program_id'', true)))',
    target
  );
  execute format('grant select, insert, update, delete on %s to tandem_app', target);
end
$$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is insert-only: a correction is a new row', tg_table_name using errcode = 'restrict_violation';
end
$$;

-- A fact or a line of the books: rows can be added and read, never changed.
create function protect_insert_only(target regclass) returns void language plpgsql as $$
begin
  perform protect_tenant_table(target);
  execute format('revoke update, delete, truncate on %s from tandem_app', target);
  execute format('create trigger insert_only before update or delete on %s for each row execute function refuse_change()', target);
end
$$;
