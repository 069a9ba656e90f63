-- Why: a screen for fraud is measured by its own hits; touchpoints that are refused for a reused id are counted, so that a screen can see them.

create table screen_hit (
  program_id text not null,
  hold_id text not null,
  screen text not null,
  version integer not null,
  parameters jsonb not null,
  partner_id text not null,
  conversion_id text not null,
  evidence text not null,
  at timestamptz not null,
  primary key (program_id, hold_id),
  foreign key (program_id, hold_id) references hold (program_id, id),
  constraint screen_hit_is_noted_once unique (program_id, screen, version, partner_id, conversion_id)
);
create index screen_hit_in_order on screen_hit (program_id, screen, hold_id);
select protect_insert_only('screen_hit');

-- Of one partner in one batch: nothing of the items is kept but how many there were.
create table id_reuse (
  program_id text not null,
  seq bigint generated always as identity,
  partner_id text not null,
  items integer not null,
  received_at timestamptz not null,
  primary key (program_id, seq),
  constraint id_reuse_counts_something check (items > 0)
);
create index id_reuse_by_partner on id_reuse (program_id, partner_id, received_at);
select protect_insert_only('id_reuse');

create index payout_details_by_partner on payout_details (program_id, partner_id);
create index payout_details_by_iban on payout_details (program_id, iban) where iban is not null;
create index payout_details_by_account on payout_details (program_id, account) where account is not null;
