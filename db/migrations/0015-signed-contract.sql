-- Why: a contract that both sides signed has a copy with both signatures on it, beside the document that was offered.
create table signed_contract (
  program_id text not null,
  contract_id text not null,
  version integer not null,
  document_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, contract_id, version),
  foreign key (program_id, contract_id, version) references contract_version (program_id, contract_id, version),
  foreign key (program_id, document_id) references document (program_id, id)
);
select protect_insert_only('signed_contract');
