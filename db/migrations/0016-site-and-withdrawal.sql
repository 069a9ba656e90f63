-- Why: browsers report what they see by a key that can only write; and a person may take the consent to be measured back.

-- A web site of the advertiser. Its key is public: it names the site, opens nothing, and is made of the ids of program and site.
create table site (
  program_id text not null references program,
  id text not null,
  name text not null,
  origins text[] not null,
  conversions text not null default 'refuse',
  identities text not null default 'refuse',
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  primary key (program_id, id),
  constraint site_has_an_origin check (cardinality(origins) > 0),
  constraint site_conversions_are_known check (conversions in ('accept', 'hold', 'refuse')),
  constraint site_identities_are_known check (identities in ('accept', 'refuse'))
);
select protect_tenant_table('site');

-- The site whose visitor's browser reported the conversion; null for those that a server sent.
alter table conversion add column site_id text;

-- From this instant on an id of a person is in no journey. Its value in `identity` was replaced by a random one in the same transaction.
create table consent_withdrawal (
  program_id text not null,
  identity_id text not null,
  requested_by text not null,
  received_at timestamptz not null,
  primary key (program_id, identity_id)
);
select protect_insert_only('consent_withdrawal');
