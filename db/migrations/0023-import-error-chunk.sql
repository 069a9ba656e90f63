-- Why: every line that an import refuses is listed, however many they are. Those of a chunk are one row, which compresses to a small part of
-- what a row per line takes, and is written with the chunk at once. What was refused before stays in import_error.

create table import_error_chunk (
  program_id text not null,
  import_id text not null,
  no integer not null,
  lines integer not null,
  last_line integer not null,
  -- [line, code, detail] of each refused line, ascending.
  content json not null,
  primary key (program_id, import_id, no),
  foreign key (program_id, import_id) references import (program_id, id),
  constraint import_error_chunk_has_lines check (lines > 0)
);
select protect_insert_only('import_error_chunk');
