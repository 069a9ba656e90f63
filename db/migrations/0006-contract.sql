-- Why: what was offered, who signed which hash, and from when a version is in force. In-force and ended are facts that credit depends on.

create table contract_template (
  program_id text not null references program,
  id text not null,
  name text not null,
  version integer not null,
  partner_types text[] not null default '{}',
  terms jsonb not null,
  body text not null,
  active boolean not null default true,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id)
);
select protect_tenant_table('contract_template');

create table contract (
  program_id text not null,
  id text not null,
  partner_id text not null,
  round integer not null,
  template_id text not null,
  state text not null,
  current_version integer not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  foreign key (program_id, partner_id) references partner (program_id, id),
  constraint contract_state_is_known check (state in ('offered', 'signed', 'in_force', 'refused', 'expired', 'ended'))
);
create index contract_by_partner on contract (program_id, partner_id);
select protect_tenant_table('contract');

create table contract_version (
  program_id text not null,
  contract_id text not null,
  version integer not null,
  terms jsonb not null,
  hash text not null,
  body text not null,
  effective_from timestamptz,
  document_id text,
  reason text,
  offered_at timestamptz not null,
  offered_by text not null,
  primary key (program_id, contract_id, version),
  foreign key (program_id, contract_id) references contract (program_id, id)
);
select protect_insert_only('contract_version');

create table contract_signature (
  program_id text not null,
  contract_id text not null,
  version integer not null,
  side text not null,
  signatory_name text not null,
  signatory_title text,
  accepted_hash text not null,
  signed_by text not null,
  signed_at timestamptz not null,
  primary key (program_id, contract_id, version, side),
  foreign key (program_id, contract_id, version) references contract_version (program_id, contract_id, version),
  constraint contract_signature_side_is_known check (side in ('partner', 'program'))
);
select protect_insert_only('contract_signature');

create table contract_fact (
  program_id text not null references program,
  partner_id text not null,
  contract_id text not null,
  kind text not null,
  version integer not null,
  at timestamptz not null,
  received_at timestamptz not null,
  primary key (program_id, contract_id, kind, version),
  constraint contract_fact_kind_is_known check (kind in ('in-force', 'ended'))
);
create index contract_fact_by_partner on contract_fact (program_id, partner_id, at);
select protect_insert_only('contract_fact');
