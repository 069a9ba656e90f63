-- Why: the append-only, hash-chained record, the outgoing mail and webhooks written with it, and what Temporal must not be the only one to remember.

create table event (
  program_id text not null,
  id text not null,
  at timestamptz not null,
  kind text not null,
  actor_kind text not null,
  actor_id text,
  partner_id text,
  subject_type text not null,
  subject_id text not null,
  data jsonb not null,
  workflow_id text,
  run_id text,
  workflow_event_id bigint,
  digest bytea not null,
  primary key (program_id, id),
  constraint event_actor_is_known check (actor_kind in ('person', 'partner', 'key', 'rule', 'system', 'customer'))
);
create index event_by_partner on event (program_id, partner_id, at, id);
create index event_by_subject on event (program_id, subject_type, subject_id, at, id);
select protect_insert_only('event');

create table event_unsealed (
  program_id text not null,
  event_id text not null,
  primary key (program_id, event_id)
);
select protect_tenant_table('event_unsealed');

create table event_sealed (
  program_id text not null,
  seq bigint not null,
  event_id text not null,
  batch bigint not null,
  primary key (program_id, seq),
  constraint event_is_sealed_once unique (program_id, event_id)
);
select protect_insert_only('event_sealed');

create table event_seal (
  program_id text not null,
  batch bigint not null,
  first_seq bigint not null,
  last_seq bigint not null,
  previous bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null default clock_timestamp(),
  primary key (program_id, batch)
);
select protect_insert_only('event_seal');

create table mail_outbox (
  program_id text not null references program,
  id text not null,
  key text not null,
  template text not null,
  language text not null,
  to_name text not null,
  to_address text not null,
  data jsonb not null,
  state text not null default 'queued',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  leased_until timestamptz,
  sent_at timestamptz,
  last_error text,
  -- When a person settled what to do about an address that takes no mail.
  refusal_settled_at timestamptz,
  partner_id text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint mail_is_sent_once_per_key unique (program_id, key),
  constraint mail_state_is_known check (state in ('queued', 'sent', 'undeliverable'))
);
create index mail_due on mail_outbox (program_id, next_attempt_at) where state = 'queued';
create index mail_refused on mail_outbox (program_id, lower(to_address)) where state = 'undeliverable';
select protect_tenant_table('mail_outbox');

create table webhook_endpoint (
  program_id text not null references program,
  id text not null,
  url text not null,
  events text[] not null,
  secret text not null,
  created_by text,
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  primary key (program_id, id)
);
select protect_tenant_table('webhook_endpoint');

create table webhook_delivery (
  program_id text not null,
  id text not null,
  endpoint_id text not null,
  event_id text not null,
  state text not null default 'queued',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  leased_until timestamptz,
  last_error text,
  delivered_at timestamptz,
  primary key (program_id, id),
  constraint webhook_is_delivered_once_per_event unique (program_id, endpoint_id, event_id),
  constraint webhook_delivery_state_is_known check (state in ('queued', 'delivered', 'failed'))
);
create index webhook_due on webhook_delivery (program_id, next_attempt_at) where state = 'queued';
select protect_tenant_table('webhook_delivery');

create table workflow_run (
  program_id text not null references program,
  workflow_id text not null,
  run_id text not null,
  type text not null,
  subject_type text not null,
  subject_id text not null,
  partner_id text,
  started_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  status text not null default 'running',
  event_count integer,
  archived_at timestamptz,
  primary key (program_id, workflow_id, run_id)
);
create index workflow_run_by_partner on workflow_run (program_id, partner_id, started_at);
create index workflow_run_to_archive on workflow_run (program_id, started_at) where archived_at is null;
select protect_tenant_table('workflow_run');

create table history_archive (
  program_id text not null,
  workflow_id text not null,
  run_id text not null,
  history jsonb not null,
  event_count integer not null,
  sha256 text not null,
  archived_at timestamptz not null default clock_timestamp(),
  primary key (program_id, workflow_id, run_id)
);
select protect_insert_only('history_archive');

create table idempotency_key (
  program_id text not null references program,
  actor text not null,
  route text not null,
  key text not null,
  request_hash text not null,
  seed text not null,
  state text not null default 'running',
  leased_until timestamptz,
  status integer,
  body jsonb,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, actor, route, key),
  constraint idempotency_state_is_known check (state in ('running', 'done'))
);
create index idempotency_key_by_age on idempotency_key (program_id, created_at);
select protect_tenant_table('idempotency_key');

create table import (
  program_id text not null references program,
  id text not null,
  kind text not null,
  format text not null,
  state text not null default 'queued',
  source bytea,
  read integer not null default 0,
  accepted integer not null default 0,
  duplicate integer not null default 0,
  rejected integer not null default 0,
  total integer,
  failure text,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint import_state_is_known check (state in ('queued', 'running', 'done', 'failed', 'cancelled'))
);
select protect_tenant_table('import');

create table import_error (
  program_id text not null,
  import_id text not null,
  line integer not null,
  code text not null,
  detail text not null,
  primary key (program_id, import_id, line, code),
  foreign key (program_id, import_id) references import (program_id, id)
);
select protect_insert_only('import_error');

-- Aggregated paths for fitted models: how many journeys took this path, how many of them converted.
create table import_journey (
  program_id text not null,
  import_id text not null,
  line integer not null,
  path text[] not null,
  conversions bigint not null,
  value numeric not null,
  nulls bigint not null,
  primary key (program_id, import_id, line),
  foreign key (program_id, import_id) references import (program_id, id)
);
select protect_insert_only('import_journey');
