-- Why: the tenant, its markets, and the directory that lets background work walk over all programs.

create table program (
  program_id text primary key,
  name text not null,
  currency char(3) not null,
  time_zone text not null,
  settings jsonb not null,
  created_at timestamptz not null default clock_timestamp()
);
select protect_tenant_table('program');

-- Holds ids only and no tenant data: every worker may read which programs there are.
create table program_directory (
  program_id text primary key
);
grant select, insert on program_directory to tandem_app;

create table market (
  program_id text not null references program,
  code text not null,
  name text not null,
  region text not null,
  countries text[] not null,
  language text not null,
  time_zone text not null,
  currency char(3) not null,
  primary key (program_id, code)
);
select protect_tenant_table('market');

create table document (
  program_id text not null references program,
  id text not null,
  kind text not null,
  media_type text not null,
  sha256 text not null,
  bytes bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint document_is_stored_once unique (program_id, kind, sha256)
);
select protect_insert_only('document');

-- The store of rate-limiter-flexible; keys carry no personal data.
create table rate_limit (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
grant select, insert, update, delete on rate_limit to tandem_app;
