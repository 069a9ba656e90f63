-- Why: every amount stands in the ledger. Rows of goodwill once stood in none where what was given and taken back in one step netted to nothing;
-- books are insert-only, so those stay, and `not valid` asks of new rows alone. The audit sums the old ones.
alter table commission
  add constraint commission_names_its_entry check (entry_id is not null or amount_minor = 0) not valid;
