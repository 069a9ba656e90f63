-- Why: rules as data, which version was in force when, and the credits that follow. Old generations stay, superseded.

create table attribution_policy (
  program_id text not null references program,
  id text not null,
  name text not null,
  version integer not null,
  state text not null default 'draft',
  body jsonb not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  submitted_by text,
  submitted_at timestamptz,
  submission jsonb,
  effective_from timestamptz,
  approved_by text[] not null default '{}',
  approved_at timestamptz,
  primary key (program_id, id),
  constraint attribution_policy_version_is_unique unique (program_id, name, version),
  constraint attribution_policy_state_is_known check (state in ('draft', 'submitted', 'approved', 'active', 'rejected', 'retired'))
);
select protect_tenant_table('attribution_policy');

create function refuse_change_of_active_policy() returns trigger language plpgsql as $$
begin
  if old.state in ('active', 'retired') and (new.body <> old.body or new.name <> old.name or new.version <> old.version) then
    raise exception 'a policy version that was active is immutable' using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
create trigger active_policy_is_immutable before update on attribution_policy
  for each row execute function refuse_change_of_active_policy();

-- Which version is in force for which conversion type at which event time, by its effective date. At each instant at most one per type.
create table policy_period (
  program_id text not null,
  policy_id text not null,
  conversion_type text not null,
  during tstzrange not null,
  received_at timestamptz not null,
  primary key (program_id, policy_id, conversion_type),
  foreign key (program_id, policy_id) references attribution_policy (program_id, id),
  constraint one_policy_in_force_at_each_instant exclude using gist (program_id with =, conversion_type with =, during with &&)
);
select protect_tenant_table('policy_period');

create table study (
  program_id text not null references program,
  id text not null,
  policy_id text not null,
  evaluation_id text,
  from_at timestamptz not null,
  to_at timestamptz not null,
  cut_at timestamptz,
  epoch integer,
  state text not null default 'queued',
  done integer not null default 0,
  total integer,
  conversions integer,
  totals jsonb,
  failure text,
  requested_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (program_id, id),
  constraint study_range_is_not_empty check (to_at > from_at),
  constraint study_state_is_known check (state in ('queued', 'running', 'done', 'failed', 'cancelled'))
);
select protect_tenant_table('study');

create table study_line (
  program_id text not null,
  study_id text not null,
  conversion_id text not null,
  beneficiary_kind text not null,
  beneficiary_id text not null,
  share_before_e12 bigint not null,
  share_after_e12 bigint not null,
  value_before_minor bigint not null,
  value_after_minor bigint not null,
  value_currency char(3) not null,
  commission_before_minor bigint not null,
  commission_after_minor bigint not null,
  commission_currency char(3) not null,
  from_late_evidence boolean not null default false,
  window_state text,
  detail jsonb,
  primary key (program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id)
);
select protect_tenant_table('study_line');

create table evaluation (
  program_id text not null,
  id text not null,
  policy_id text not null,
  study_id text not null,
  approved_study_id text,
  from_at timestamptz not null,
  to_at timestamptz not null,
  downward text not null,
  cut_at timestamptz,
  epoch integer,
  executed_at timestamptz,
  state text not null default 'queued',
  feedback_id text,
  requested_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  foreign key (program_id, policy_id) references attribution_policy (program_id, id),
  constraint evaluation_downward_is_known check (downward in ('recover', 'waive')),
  constraint evaluation_state_is_known check (state in ('queued', 'running', 'executed', 'done', 'failed', 'cancelled'))
);
select protect_tenant_table('evaluation');

create table conversion_state (
  program_id text not null,
  conversion_id text not null,
  generation integer not null,
  policy_id text,
  evaluation_id text,
  remaining_minor bigint not null,
  locks_at timestamptz,
  epoch integer not null,
  credited_at timestamptz not null,
  primary key (program_id, conversion_id)
);
select protect_tenant_table('conversion_state');

create table credit (
  program_id text not null,
  conversion_id text not null,
  conversion_at timestamptz not null,
  generation integer not null,
  beneficiary_kind text not null,
  beneficiary_id text not null,
  channel text not null,
  share_e12 bigint not null,
  value_minor bigint not null,
  currency char(3) not null,
  policy_id text,
  evaluation_id text,
  content_id text,
  sub_id text,
  epoch integer not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, conversion_id, generation, beneficiary_kind, beneficiary_id, channel, conversion_at),
  constraint credit_beneficiary_is_known check (beneficiary_kind in ('partner', 'channel', 'program')),
  constraint credit_share_is_0_to_1 check (share_e12 between 0 and 1000000000000)
) partition by range (conversion_at);
create index credit_by_beneficiary on credit (program_id, beneficiary_kind, beneficiary_id, conversion_at);
select protect_insert_only('credit');

-- Quarters from 2024 to 2031, and a default for everything else: few enough to plan quickly, small enough to drop or move.
do $$
declare
  quarter date;
begin
  for quarter in select generate_series('2024-01-01'::date, '2031-10-01'::date, interval '3 months')::date loop
    execute format('create table touchpoint_%s partition of touchpoint for values from (%L) to (%L)',
      to_char(quarter, 'YYYY"q"Q'), quarter || ' 00:00Z', (quarter + interval '3 months')::date || ' 00:00Z');
    execute format('create table credit_%s partition of credit for values from (%L) to (%L)',
      to_char(quarter, 'YYYY"q"Q'), quarter || ' 00:00Z', (quarter + interval '3 months')::date || ' 00:00Z');
  end loop;
end
$$;
create table touchpoint_other partition of touchpoint default;
create table credit_other partition of credit default;
