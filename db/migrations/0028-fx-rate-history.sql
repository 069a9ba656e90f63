-- Why: a rate that no commission used may be corrected, and what reads an earlier instant (a study at its cut, a step before a boundary) must go
-- on with the one that was known then. A corrected rate is kept here with the time in which it was the one.
create table fx_rate_history (
  program_id text not null references program,
  base char(3) not null,
  quote char(3) not null,
  day date not null,
  rate numeric not null,
  source text not null,
  received_at timestamptz not null,
  replaced_at timestamptz not null,
  primary key (program_id, base, quote, day, replaced_at)
);
select protect_insert_only('fx_rate_history');
