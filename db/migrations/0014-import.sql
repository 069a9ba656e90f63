-- A file of facts is kept in chunks of whole lines, so that any worker can carry it on where another one stopped.
alter table import drop column source;
alter table import
  add column columns text[],
  add column upload text,
  add column chunks integer,
  add column taken integer not null default 0,
  add column created_by_kind text not null default 'system';

create table import_chunk (
  program_id text not null,
  import_id text not null,
  no integer not null,
  bytes bytea not null,
  primary key (program_id, import_id, no),
  foreign key (program_id, import_id) references import (program_id, id)
);
select protect_tenant_table('import_chunk');
