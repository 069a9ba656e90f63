-- Why: commissions and the double-entry ledger: insert-only, a natural key for every cause, balanced or refused.

create table attribution_window (
  program_id text not null references program,
  id text not null,
  partner_id text,
  contract_id text,
  no integer not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  locks_at timestamptz not null,
  statement_at timestamptz not null,
  pay_at timestamptz not null,
  time_zone text not null,
  currency char(3) not null,
  is_final boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint window_number_is_unique unique nulls not distinct (program_id, partner_id, no),
  constraint window_is_not_empty check (to_at > from_at),
  constraint window_locks_after_it_ends check (locks_at >= to_at),
  constraint windows_of_a_partner_do_not_overlap
    exclude using gist (program_id with =, (coalesce(partner_id, 'program')) with =, tstzrange(from_at, to_at) with &&)
);
create index window_by_lock on attribution_window (program_id, locks_at);
select protect_tenant_table('attribution_window');

-- The lock unit of everything that moves a partner's money.
create table partner_book (
  program_id text not null,
  partner_id text not null,
  primary key (program_id, partner_id)
);
select protect_tenant_table('partner_book');

create table ledger_entry (
  program_id text not null references program,
  id text not null,
  kind text not null,
  cause text not null,
  at timestamptz not null,
  partner_id text,
  subject_type text,
  subject_id text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint ledger_entry_cause_is_unique unique (program_id, cause)
);
create index ledger_entry_by_partner on ledger_entry (program_id, partner_id, at);
create index ledger_entry_by_subject on ledger_entry (program_id, subject_type, subject_id);
select protect_insert_only('ledger_entry');

create table ledger_posting (
  program_id text not null,
  entry_id text not null,
  no integer not null,
  account text not null,
  partner_id text,
  side text not null,
  amount_minor bigint not null,
  currency char(3) not null,
  primary key (program_id, entry_id, no),
  constraint ledger_posting_amount_is_positive check (amount_minor > 0),
  constraint ledger_posting_side_is_known check (side in ('debit', 'credit')),
  constraint ledger_account_is_known check (account in (
    'commission-expense', 'goodwill', 'vat-input', 'write-off', 'fx', 'pending', 'locked', 'payable', 'receivable', 'payout-clearing', 'payout-fees', 'bank'
  )),
  constraint partner_accounts_name_a_partner check ((account in ('pending', 'locked', 'payable', 'receivable')) = (partner_id is not null))
);
create index ledger_posting_by_account on ledger_posting (program_id, account, partner_id);
select protect_insert_only('ledger_posting');

-- All postings of an entry are one insert, in one currency, and balance; a second insert for the same entry is refused.
create function refuse_unbalanced_entry() returns trigger language plpgsql as $$
declare
  bad text;
begin
  select entry_id into bad
  from added
  group by program_id, entry_id
  having sum(case side when 'debit' then amount_minor else -amount_minor end) <> 0 or count(distinct currency) <> 1
  limit 1;
  if bad is not null then
    raise exception 'ledger entry % does not balance in one currency', bad using errcode = 'check_violation';
  end if;
  select a.entry_id into bad
  from (select program_id, entry_id, count(*) as lines from added group by program_id, entry_id) a
  where a.lines <> (select count(*) from ledger_posting p where p.program_id = a.program_id and p.entry_id = a.entry_id)
  limit 1;
  if bad is not null then
    raise exception 'ledger entry % was posted before', bad using errcode = 'check_violation';
  end if;
  return null;
end
$$;
create trigger ledger_entry_balances after insert on ledger_posting
  referencing new table as added for each statement execute function refuse_unbalanced_entry();

create table commission (
  program_id text not null,
  id text not null,
  partner_id text not null,
  conversion_id text,
  conversion_at timestamptz,
  revision integer not null,
  kind text not null,
  amount_minor bigint not null,
  currency char(3) not null,
  total_after_minor bigint not null,
  capped_minor bigint not null default 0,
  window_id text not null,
  -- Where its entry was posted: money that stands on a statement already is corrected in payable at once, so the lock and the
  -- statement of window_id move only rows of 'pending' (then 'locked'); all rows without a statement_line become lines.
  account text not null default 'pending',
  origin_window_id text,
  rule jsonb,
  contract_id text,
  contract_version integer,
  policy_id text,
  evaluation_id text,
  adjustment_id text,
  entry_id text,
  payable_from timestamptz not null,
  epoch integer not null,
  reason text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  constraint commission_revision_is_unique unique (program_id, partner_id, conversion_id, revision),
  constraint commission_account_is_known check (account in ('pending', 'locked', 'payable')),
  constraint commission_kind_is_known check (kind in ('earned', 'refund', 'adjustment', 'goodwill', 'manual')),
  constraint commission_has_a_cause check ((conversion_id is null) = (kind = 'manual'))
);
create unique index commission_of_an_evaluation_is_unique on commission (program_id, evaluation_id, conversion_id, partner_id, kind) where evaluation_id is not null and kind in ('adjustment', 'goodwill');
create unique index commission_of_an_adjustment_is_unique on commission (program_id, adjustment_id) where adjustment_id is not null;
create index commission_by_window on commission (program_id, window_id, partner_id);
create index commission_by_origin on commission (program_id, origin_window_id);
create index commission_by_conversion on commission (program_id, conversion_id);
create index commission_by_entry on commission (program_id, entry_id);
select protect_insert_only('commission');

create table hold (
  program_id text not null references program,
  id text not null,
  partner_id text not null,
  commission_id text,
  conversion_id text,
  reason text not null,
  until_at timestamptz,
  placed_by text not null,
  placed_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  ending text,
  task_id text,
  primary key (program_id, id),
  constraint hold_ends_in_a_known_way check (ending in ('lifted', 'confirmed', 'elapsed'))
);
create index hold_by_partner on hold (program_id, partner_id) where ended_at is null;
select protect_tenant_table('hold');

create table adjustment (
  program_id text not null,
  id text not null,
  partner_id text not null,
  amount_minor bigint not null,
  currency char(3) not null,
  reason text not null,
  relates_to text,
  requested_by text not null,
  state text not null default 'submitted',
  decided_by text,
  created_at timestamptz not null default clock_timestamp(),
  received_at timestamptz,
  primary key (program_id, id),
  constraint adjustment_is_not_zero check (amount_minor <> 0),
  constraint adjustment_state_is_known check (state in ('submitted', 'approved', 'rejected'))
);
select protect_tenant_table('adjustment');

create table fx_rate (
  program_id text not null references program,
  base char(3) not null,
  quote char(3) not null,
  day date not null,
  rate numeric not null,
  source text not null,
  received_at timestamptz not null,
  used_at timestamptz,
  primary key (program_id, base, quote, day),
  constraint fx_rate_is_positive check (rate > 0)
);
select protect_tenant_table('fx_rate');
