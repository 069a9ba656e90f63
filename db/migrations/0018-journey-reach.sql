-- Why: crediting a conversion reads no touchpoint that is too old for every rule, however long a person's past is.

-- The longest lookback that a contract version names; null when it is silent. Durations of terms hold no months.
create function longest_lookback(terms jsonb) returns interval language sql immutable as $$
  select max(named.value::interval)
  from (
    select terms -> 'lookback' ->> 'default' as value
    union all
    select value from jsonb_each_text(coalesce(terms -> 'lookback' -> 'byKind', '{}'))
  ) named
$$;

create index contract_version_by_lookback on contract_version (program_id, (longest_lookback(terms)));

-- Credits are looked up by partner only; those of our own channels, half of all rows, need no entry.
create index credit_by_partner on credit (program_id, beneficiary_id, conversion_at) where beneficiary_kind = 'partner';
drop index credit_by_beneficiary;
