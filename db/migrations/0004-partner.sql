-- Why: the partner as the read model of its lifecycle workflow, and the profile whose values hold from a date on.

create table partner (
  program_id text not null references program,
  id text not null,
  external_id text,
  name text not null,
  email text not null,
  type text not null,
  country char(2) not null,
  market_code text,
  channels text[] not null default '{}',
  verticals text[] not null default '{}',
  source text,
  status text not null,
  status_since timestamptz not null,
  round integer not null default 1,
  workflow_id text not null,
  owner_id text,
  tier text,
  status_reason text,
  reapply_after timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint partner_status_is_of_the_table check (
    status in ('surveying', 'expired', 'screening', 'waitlisted', 'declined', 'contracting', 'enabling', 'active', 'paused', 'ended')
  ),
  constraint partner_external_id_is_unique unique (program_id, external_id)
);
create unique index partner_email_is_unique on partner (program_id, lower(email));
create index partner_by_status on partner (program_id, status, id);
select protect_tenant_table('partner');

create table partner_profile (
  program_id text not null,
  partner_id text not null,
  effective_from timestamptz not null,
  language text not null,
  time_zone text not null,
  currency char(3) not null,
  type text not null,
  market_code text,
  received_at timestamptz not null,
  primary key (program_id, partner_id, effective_from),
  foreign key (program_id, partner_id) references partner (program_id, id)
);
select protect_tenant_table('partner_profile');

create table partner_survey (
  program_id text not null,
  partner_id text not null,
  round integer not null,
  answers jsonb not null,
  fit_score integer,
  fit jsonb,
  brief_id text,
  answered_at timestamptz not null,
  primary key (program_id, partner_id, round),
  foreign key (program_id, partner_id) references partner (program_id, id),
  constraint fit_score_is_0_to_100 check (fit_score between 0 and 100)
);
select protect_tenant_table('partner_survey');
