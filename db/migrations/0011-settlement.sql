-- Why: what a window earned, the document about it, and the money sent; one payment per key, two persons behind it.

create table statement (
  program_id text not null,
  id text not null,
  partner_id text not null,
  window_id text not null,
  kind text not null,
  currency char(3) not null,
  carry_in_minor bigint not null,
  carry_in_gross_minor bigint not null,
  net_minor bigint not null,
  vat_mode text not null,
  vat_rate_bps integer not null,
  vat_minor bigint not null,
  gross_minor bigint not null,
  amount_minor bigint not null,
  carry_out_minor bigint not null,
  carry_out_gross_minor bigint not null,
  state text not null,
  note text,
  details_id text,
  approved_by text,
  approved_at timestamptz,
  drawn_at timestamptz not null,
  expected_pay_at timestamptz not null,
  primary key (program_id, id),
  foreign key (program_id, partner_id) references partner (program_id, id),
  constraint statement_kind_is_known check (kind in ('regular', 'supplementary', 'final')),
  constraint statement_state_is_known check (state in ('drawn', 'approved', 'held', 'carried', 'empty', 'paid')),
  constraint statement_vat_mode_is_known check (vat_mode in ('none', 'add', 'included', 'reverse-charge'))
);
create unique index statement_of_a_window_is_unique on statement (program_id, window_id) where kind <> 'supplementary';
create index statement_by_partner on statement (program_id, partner_id, drawn_at);
select protect_tenant_table('statement');

create table statement_line (
  program_id text not null,
  statement_id text not null,
  commission_id text not null,
  amount_minor bigint not null,
  primary key (program_id, commission_id),
  foreign key (program_id, statement_id) references statement (program_id, id)
);
create index statement_line_by_statement on statement_line (program_id, statement_id);
select protect_insert_only('statement_line');

create table invoice_counter (
  program_id text not null references program,
  year integer not null,
  last_number integer not null default 0,
  primary key (program_id, year)
);
select protect_tenant_table('invoice_counter');

create table invoice (
  program_id text not null,
  id text not null,
  statement_id text not null,
  partner_id text not null,
  kind text not null,
  year integer not null,
  number integer not null,
  net_minor bigint not null,
  vat_minor bigint not null,
  gross_minor bigint not null,
  currency char(3) not null,
  document_id text,
  issued_at timestamptz not null,
  primary key (program_id, id),
  constraint invoice_number_is_unique unique (program_id, year, number),
  constraint invoice_of_a_statement_is_unique unique (program_id, statement_id),
  constraint invoice_kind_is_known check (kind in ('self-billed', 'credit-note'))
);
select protect_insert_only('invoice');

create table payout (
  program_id text not null,
  id text not null,
  partner_id text not null,
  statement_id text not null,
  amount_minor bigint not null,
  currency char(3) not null,
  state text not null,
  provider text not null,
  details_id text not null,
  details_hash text not null,
  approved_by text,
  approved_at timestamptz,
  released_by text,
  released_at timestamptz,
  sent_at timestamptz,
  settled_at timestamptz,
  failure text,
  -- What the provider moved in truth; set once it is known.
  moved_minor bigint,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  foreign key (program_id, partner_id) references partner (program_id, id),
  foreign key (program_id, statement_id) references statement (program_id, id),
  constraint payout_amount_is_positive check (amount_minor > 0),
  constraint payout_state_is_known check (state in (
    'approved', 'released', 'sending', 'sent', 'unknown', 'investigation', 'paid', 'failed', 'not-paid', 'returned', 'cancelled'
  )),
  constraint payout_needs_two_persons check (released_by is null or released_by <> approved_by)
);
create index payout_by_partner on payout (program_id, partner_id, created_at);
create index payout_by_statement on payout (program_id, statement_id);
-- A statement has one payout that may still send money; the next is made only after this one came to nothing.
create unique index statement_has_one_live_payout on payout (program_id, statement_id)
  where state not in ('failed', 'not-paid', 'returned', 'cancelled');
select protect_tenant_table('payout');

create table payout_attempt (
  program_id text not null,
  payout_id text not null,
  no integer not null,
  kind text not null,
  result text not null,
  detail text,
  at timestamptz not null default clock_timestamp(),
  primary key (program_id, payout_id, no),
  foreign key (program_id, payout_id) references payout (program_id, id),
  constraint payout_attempt_kind_is_known check (kind in ('send', 'look-up', 'webhook', 'person'))
);
select protect_insert_only('payout_attempt');
