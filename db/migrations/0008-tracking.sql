-- Why: the facts of intake. Each carries the time it happened and the time it was received under the intake barrier; none is ever changed.

create table program_clock (
  program_id text primary key references program,
  cut_at timestamptz not null default '-infinity',
  sealed_at timestamptz not null default '-infinity',
  epoch integer not null default 0,
  constraint sealed_is_not_after_cut check (sealed_at <= cut_at)
);
select protect_tenant_table('program_clock');

create table intake_work (
  program_id text not null,
  seq bigint generated always as identity,
  kind text not null,
  conversion_id text,
  identity_id text,
  partner_id text,
  external_id text,
  evaluation_id text,
  from_at timestamptz,
  to_at timestamptz,
  received_at timestamptz not null,
  attempts integer not null default 0,
  constraint intake_work_kind_is_known check (kind in ('conversion', 'touchpoint', 'merge', 'refund', 'void', 'range', 'evaluation'))
);
create index intake_work_in_order on intake_work (program_id, received_at, seq);
select protect_tenant_table('intake_work');

create table commission_work (
  program_id text not null,
  seq bigint generated always as identity,
  partner_id text not null,
  conversion_id text,
  evaluation_id text,
  received_at timestamptz not null,
  attempts integer not null default 0
);
create index commission_work_in_order on commission_work (program_id, received_at, seq);
create index commission_work_by_partner on commission_work (program_id, partner_id);
select protect_tenant_table('commission_work');

create table work_set_aside (
  program_id text not null,
  id text not null,
  queue text not null,
  work jsonb not null,
  error text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (program_id, id)
);
select protect_tenant_table('work_set_aside');

-- One row per id that names a person: a visitor, a customer, an e-mail hash. component_id is the smallest id of its union, kept as a cache of the merge log.
create table identity (
  program_id text not null,
  id text not null,
  kind text not null,
  value text not null,
  component_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint identity_value_is_unique unique (program_id, kind, value),
  constraint identity_kind_is_known check (kind in ('visitor', 'customer', 'email'))
);
create index identity_by_component on identity (program_id, component_id);
select protect_tenant_table('identity');

create table identity_merge (
  program_id text not null,
  id text not null,
  a_id text not null,
  b_id text not null,
  cause text not null,
  refused_reason text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (program_id, id),
  constraint identity_merge_is_noted_once unique (program_id, a_id, b_id),
  constraint identity_merge_joins_two check (a_id < b_id)
);
create index identity_merge_by_b on identity_merge (program_id, b_id);
select protect_insert_only('identity_merge');

create table identity_merge_undo (
  program_id text not null,
  merge_id text not null,
  reason text not null,
  undone_by text not null,
  received_at timestamptz not null,
  primary key (program_id, merge_id)
);
select protect_insert_only('identity_merge_undo');

create table link (
  program_id text not null references program,
  id text not null,
  partner_id text,
  code text not null,
  destination text not null,
  channel text,
  content_id text,
  sub_id text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint link_code_is_unique unique (program_id, code)
);
create index link_by_partner on link (program_id, partner_id);
select protect_insert_only('link');

-- A redirect names no program, so codes are unique over all of them; holds nothing but the way to the program.
create table link_code (
  code text primary key,
  program_id text not null,
  link_id text not null
);
grant select, insert on link_code to tandem_app;

create table coupon (
  program_id text not null references program,
  id text not null,
  partner_id text not null,
  code text not null,
  content_id text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id)
);
create unique index coupon_code_is_unique on coupon (program_id, lower(code));
select protect_insert_only('coupon');

create table channel (
  program_id text not null references program,
  name text not null,
  first_used_at timestamptz not null default clock_timestamp(),
  primary key (program_id, name)
);
select protect_tenant_table('channel');

-- The key that a partitioned table cannot hold: one id, whatever its time. The digest tells a duplicate from a reused id.
create table touchpoint_key (
  program_id text not null,
  id text not null,
  digest bytea not null,
  primary key (program_id, id)
);
select protect_insert_only('touchpoint_key');

create table touchpoint (
  program_id text not null,
  id text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  identity_id text,
  channel text not null,
  partner_id text,
  kind text not null,
  link_id text,
  coupon_id text,
  content_id text,
  sub_id text,
  bot boolean not null default false,
  consent boolean not null default true,
  properties jsonb,
  -- A person added it by an approved correction: it counts for a locked conversion too.
  approved_by text,
  primary key (program_id, id, occurred_at),
  constraint touchpoint_kind_is_known check (kind in ('click', 'view', 'code', 'visit', 'event')),
  constraint touchpoint_without_consent_has_no_identity check (consent or identity_id is null)
) partition by range (occurred_at);
create index touchpoint_by_identity on touchpoint (program_id, identity_id, occurred_at);
create index touchpoint_by_partner on touchpoint (program_id, partner_id, occurred_at) where partner_id is not null;
select protect_insert_only('touchpoint');

create table touchpoint_void (
  program_id text not null,
  touchpoint_id text not null,
  reason text not null,
  approved_by text not null,
  received_at timestamptz not null,
  primary key (program_id, touchpoint_id)
);
select protect_insert_only('touchpoint_void');

create table conversion (
  program_id text not null,
  id text not null,
  external_id text not null,
  digest bytea not null,
  identity_id text,
  click_touchpoint_id text,
  coupon_id text,
  type text not null,
  value_minor bigint not null,
  currency char(3) not null,
  new_customer boolean,
  vertical text,
  country char(2),
  product text,
  parent_external_id text,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  properties jsonb,
  primary key (program_id, id),
  constraint conversion_external_id_is_unique unique (program_id, external_id),
  constraint conversion_value_is_not_negative check (value_minor >= 0)
);
create index conversion_by_identity on conversion (program_id, identity_id, occurred_at);
create index conversion_by_time on conversion (program_id, occurred_at, id);
create index conversion_by_parent on conversion (program_id, parent_external_id) where parent_external_id is not null;
select protect_insert_only('conversion');

create table refund (
  program_id text not null,
  id text not null,
  external_id text not null,
  digest bytea not null,
  conversion_external_id text not null,
  value_minor bigint,
  currency char(3),
  reason text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (program_id, id),
  constraint refund_external_id_is_unique unique (program_id, external_id),
  constraint refund_value_is_positive check (value_minor > 0)
);
create index refund_by_conversion on refund (program_id, conversion_external_id);
select protect_insert_only('refund');

create table refund_decision (
  program_id text not null,
  refund_id text not null,
  conversion_id text not null,
  state text not null,
  value_minor bigint not null,
  reason text,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (program_id, refund_id),
  constraint refund_decision_state_is_known check (state in ('applied', 'refused'))
);
create index refund_decision_by_conversion on refund_decision (program_id, conversion_id);
select protect_insert_only('refund_decision');

create table click (
  program_id text not null,
  id text not null,
  touchpoint_id text not null,
  identity_id text,
  at timestamptz not null,
  primary key (program_id, id)
);
select protect_insert_only('click');
