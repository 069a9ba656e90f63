-- Why: training with a quiz, payout details and their verification, the gates before activation or payout.

create table training_module (
  program_id text not null references program,
  id text not null,
  title text not null,
  body text not null,
  questions jsonb not null,
  pass_mark integer not null,
  required boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  primary key (program_id, id),
  constraint pass_mark_is_a_percentage check (pass_mark between 0 and 100)
);
select protect_tenant_table('training_module');

create table training_result (
  program_id text not null,
  partner_id text not null,
  module_id text not null,
  attempt integer not null,
  answers jsonb not null,
  score integer not null,
  passed boolean not null,
  at timestamptz not null,
  primary key (program_id, partner_id, module_id, attempt),
  foreign key (program_id, partner_id) references partner (program_id, id)
);
select protect_insert_only('training_result');

create table payout_details (
  program_id text not null,
  id text not null,
  partner_id text not null,
  method text not null,
  account_holder text not null,
  iban text,
  account text,
  tax_country char(2) not null,
  vat_id text,
  small_business boolean not null default false,
  hash text not null,
  state text not null default 'submitted',
  submitted_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  hold_until timestamptz,
  primary key (program_id, id),
  foreign key (program_id, partner_id) references partner (program_id, id),
  constraint payout_details_method_is_known check (method in ('sepa', 'sandbox')),
  constraint payout_details_name_an_account check ((method = 'sepa') = (iban is not null) and (method = 'sandbox') = (account is not null)),
  constraint payout_details_state_is_known check (state in ('submitted', 'verified', 'rejected', 'replaced'))
);
create unique index payout_details_verified_once on payout_details (program_id, partner_id) where state = 'verified';
select protect_tenant_table('payout_details');

create table asset (
  program_id text not null references program,
  id text not null,
  name text not null,
  kind text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id)
);
select protect_tenant_table('asset');

create table asset_version (
  program_id text not null,
  asset_id text not null,
  version integer not null,
  url text not null,
  note text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, asset_id, version),
  foreign key (program_id, asset_id) references asset (program_id, id)
);
select protect_insert_only('asset_version');

create table content (
  program_id text not null,
  id text not null,
  partner_id text not null,
  title text not null,
  kind text not null,
  platform text not null,
  state text not null,
  round integer not null default 0,
  asset_version_ids text[] not null default '{}',
  workflow_id text not null,
  published_url text,
  published_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  foreign key (program_id, partner_id) references partner (program_id, id),
  constraint content_state_is_known check (state in ('in_review', 'changes_requested', 'approved', 'published', 'live', 'rejected', 'withdrawn'))
);
create index content_by_partner on content (program_id, partner_id, id);
select protect_tenant_table('content');

create table content_round (
  program_id text not null,
  content_id text not null,
  round integer not null,
  draft_url text,
  text text,
  checks jsonb not null,
  submitted_at timestamptz not null,
  outcome text,
  comment text,
  decided_by text,
  decided_at timestamptz,
  primary key (program_id, content_id, round),
  foreign key (program_id, content_id) references content (program_id, id)
);
select protect_tenant_table('content_round');
