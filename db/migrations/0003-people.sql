-- Why: persons of the team, what they may do, and the ways they prove who they are. Secrets are stored as hashes only.

create table app_user (
  program_id text not null references program,
  id text not null,
  name text not null,
  email text not null,
  language text not null default 'en',
  languages text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  primary key (program_id, id)
);
create unique index app_user_email_is_unique on app_user (program_id, lower(email));
select protect_tenant_table('app_user');

create table membership (
  program_id text not null,
  person_id text not null,
  role text not null,
  markets text[] not null default '{}',
  granted_by text,
  granted_at timestamptz not null default clock_timestamp(),
  primary key (program_id, person_id, role),
  foreign key (program_id, person_id) references app_user (program_id, id),
  constraint membership_role_is_known check (role in ('owner', 'partner_manager', 'reviewer', 'legal', 'finance', 'auditor', 'developer'))
);
select protect_tenant_table('membership');

-- A person linked to a partner may not decide on that partner.
create table person_conflict (
  program_id text not null,
  person_id text not null,
  partner_id text not null,
  reason text,
  primary key (program_id, person_id, partner_id),
  foreign key (program_id, person_id) references app_user (program_id, id)
);
select protect_tenant_table('person_conflict');

-- A delegate acts for somebody and counts as that person wherever two persons are needed.
create table delegation (
  program_id text not null,
  delegate_id text not null,
  stands_for_id text not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  primary key (program_id, delegate_id, stands_for_id, from_at),
  foreign key (program_id, delegate_id) references app_user (program_id, id),
  foreign key (program_id, stands_for_id) references app_user (program_id, id),
  constraint delegation_ends_after_it_starts check (until_at > from_at),
  constraint delegation_is_to_another check (delegate_id <> stands_for_id)
);
select protect_tenant_table('delegation');

create table api_key (
  program_id text not null references program,
  id text not null,
  name text not null,
  role text not null,
  person_id text,
  partner_id text,
  secret_hash text not null,
  scopes text[] not null default '{}',
  created_by text,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (program_id, id),
  constraint api_key_acts_for_one check (person_id is null or partner_id is null),
  constraint api_key_of_a_partner check ((role = 'partner') = (partner_id is not null))
);
select protect_tenant_table('api_key');

create table session (
  program_id text not null references program,
  id text not null,
  person_id text,
  partner_id text,
  secret_hash text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  primary key (program_id, id),
  constraint session_is_of_one check ((person_id is null) <> (partner_id is null))
);
select protect_tenant_table('session');

create table sign_in_link (
  program_id text not null references program,
  id text not null,
  person_id text,
  partner_id text,
  secret_hash text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (program_id, id),
  constraint sign_in_link_is_of_one check ((person_id is null) <> (partner_id is null))
);
select protect_tenant_table('sign_in_link');
