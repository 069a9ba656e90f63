-- The schema after all migrations, written by `npm run schema:dump`. A test compares it with the migrations' result.
-- For reading and for review; databases are made by db/migrations/ alone.

create extension btree_gist;

CREATE OR REPLACE FUNCTION public.longest_lookback(terms jsonb)
 RETURNS interval
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select max(named.value::interval)
  from (
    select terms -> 'lookback' ->> 'default' as value
    union all
    select value from jsonb_each_text(coalesce(terms -> 'lookback' -> 'byKind', '{}'))
  ) named
$function$
;

CREATE OR REPLACE FUNCTION public.protect_insert_only(target regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  perform protect_tenant_table(target);
  execute format('revoke update, delete, truncate on %s from tandem_app', target);
  execute format('create trigger insert_only before update or delete on %s for each row execute function refuse_change()', target);
end
$function$
;

CREATE OR REPLACE FUNCTION public.protect_tenant_table(target regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format(
    'create policy own_program on %s using (program_id = (select current_setting(''tandem.program_id'', true))) with check (program_id = (select current_setting(''tandem.program_id'', true)))',
    target
  );
  execute format('grant select, insert, update, delete on %s to tandem_app', target);
end
$function$
;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is insert-only: a correction is a new row', tg_table_name using errcode = 'restrict_violation';
end
$function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_active_policy()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.state in ('active', 'retired') and (new.body <> old.body or new.name <> old.name or new.version <> old.version) then
    raise exception 'a policy version that was active is immutable' using errcode = 'restrict_violation';
  end if;
  return new;
end
$function$
;

CREATE OR REPLACE FUNCTION public.refuse_unbalanced_entry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$
;

create table adjustment (
  program_id text not null,
  id text not null,
  partner_id text not null,
  amount_minor bigint not null,
  currency character(3) not null,
  reason text not null,
  relates_to text,
  requested_by text not null,
  state text default 'submitted'::text not null,
  decided_by text,
  created_at timestamp with time zone default clock_timestamp() not null,
  received_at timestamp with time zone,
  constraint adjustment_is_not_zero CHECK ((amount_minor <> 0)),
  constraint adjustment_pkey PRIMARY KEY (program_id, id),
  constraint adjustment_state_is_known CHECK ((state = ANY (ARRAY['submitted'::text, 'approved'::text, 'rejected'::text])))
);

create table api_key (
  program_id text not null,
  id text not null,
  name text not null,
  role text not null,
  person_id text,
  partner_id text,
  secret_hash text not null,
  scopes text[] default '{}'::text[] not null,
  created_by text,
  created_at timestamp with time zone default clock_timestamp() not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_key_acts_for_one CHECK (((person_id IS NULL) OR (partner_id IS NULL))),
  constraint api_key_of_a_partner CHECK (((role = 'partner'::text) = (partner_id IS NOT NULL))),
  constraint api_key_pkey PRIMARY KEY (program_id, id),
  constraint api_key_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table app_user (
  program_id text not null,
  id text not null,
  name text not null,
  email text not null,
  language text default 'en'::text not null,
  languages text[] default '{}'::text[] not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  disabled_at timestamp with time zone,
  constraint app_user_pkey PRIMARY KEY (program_id, id),
  constraint app_user_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table asset (
  program_id text not null,
  id text not null,
  name text not null,
  kind text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint asset_pkey PRIMARY KEY (program_id, id),
  constraint asset_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table asset_version (
  program_id text not null,
  asset_id text not null,
  version integer not null,
  url text not null,
  note text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint asset_version_pkey PRIMARY KEY (program_id, asset_id, version),
  constraint asset_version_program_id_asset_id_fkey FOREIGN KEY (program_id, asset_id) REFERENCES asset(program_id, id)
);

create table attribution_policy (
  program_id text not null,
  id text not null,
  name text not null,
  version integer not null,
  state text default 'draft'::text not null,
  body jsonb not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  submitted_by text,
  submitted_at timestamp with time zone,
  submission jsonb,
  effective_from timestamp with time zone,
  approved_by text[] default '{}'::text[] not null,
  approved_at timestamp with time zone,
  constraint attribution_policy_pkey PRIMARY KEY (program_id, id),
  constraint attribution_policy_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint attribution_policy_state_is_known CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'approved'::text, 'active'::text, 'rejected'::text, 'retired'::text]))),
  constraint attribution_policy_version_is_unique UNIQUE (program_id, name, version)
);

create table attribution_window (
  program_id text not null,
  id text not null,
  partner_id text,
  contract_id text,
  no integer not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  locks_at timestamp with time zone not null,
  statement_at timestamp with time zone not null,
  pay_at timestamp with time zone not null,
  time_zone text not null,
  currency character(3) not null,
  is_final boolean default false not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint attribution_window_pkey PRIMARY KEY (program_id, id),
  constraint attribution_window_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint window_is_not_empty CHECK ((to_at > from_at)),
  constraint window_locks_after_it_ends CHECK ((locks_at >= to_at)),
  constraint window_number_is_unique UNIQUE NULLS NOT DISTINCT (program_id, partner_id, no),
  constraint windows_of_a_partner_do_not_overlap EXCLUDE USING gist (program_id WITH =, COALESCE(partner_id, 'program'::text) WITH =, tstzrange(from_at, to_at) WITH &&)
);

create table brief (
  program_id text not null,
  id text not null,
  name text not null,
  weights jsonb not null,
  evidence jsonb default '{}'::jsonb not null,
  survey_id text,
  state text default 'draft'::text not null,
  workflow_id text,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  approved_by text,
  approved_at timestamp with time zone,
  constraint brief_pkey PRIMARY KEY (program_id, id),
  constraint brief_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint brief_state_is_known CHECK ((state = ANY (ARRAY['draft'::text, 'submitted'::text, 'active'::text, 'rejected'::text, 'replaced'::text])))
);

create table channel (
  program_id text not null,
  name text not null,
  first_used_at timestamp with time zone default clock_timestamp() not null,
  constraint channel_pkey PRIMARY KEY (program_id, name),
  constraint channel_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table click (
  program_id text not null,
  id text not null,
  touchpoint_id text not null,
  identity_id text,
  at timestamp with time zone not null,
  constraint click_pkey PRIMARY KEY (program_id, id)
);

create table command_input (
  program_id text not null,
  id text not null,
  kind text not null,
  subject_id text not null,
  data jsonb not null,
  by_kind text not null,
  by_id text,
  received_at timestamp with time zone default clock_timestamp() not null,
  constraint command_input_pkey PRIMARY KEY (program_id, id),
  constraint command_input_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table commission (
  program_id text not null,
  id text not null,
  partner_id text not null,
  conversion_id text,
  conversion_at timestamp with time zone,
  revision integer not null,
  kind text not null,
  amount_minor bigint not null,
  currency character(3) not null,
  total_after_minor bigint not null,
  capped_minor bigint default 0 not null,
  window_id text not null,
  account text default 'pending'::text not null,
  origin_window_id text,
  rule jsonb,
  contract_id text,
  contract_version integer,
  policy_id text,
  evaluation_id text,
  adjustment_id text,
  entry_id text,
  payable_from timestamp with time zone not null,
  epoch integer not null,
  reason text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint commission_account_is_known CHECK ((account = ANY (ARRAY['pending'::text, 'locked'::text, 'payable'::text]))),
  constraint commission_has_a_cause CHECK (((conversion_id IS NULL) = (kind = 'manual'::text))),
  constraint commission_kind_is_known CHECK ((kind = ANY (ARRAY['earned'::text, 'refund'::text, 'adjustment'::text, 'goodwill'::text, 'manual'::text]))),
  constraint commission_names_its_entry CHECK (((entry_id IS NOT NULL) OR (amount_minor = 0))) NOT VALID,
  constraint commission_pkey PRIMARY KEY (program_id, id),
  constraint commission_revision_is_unique UNIQUE (program_id, partner_id, conversion_id, revision)
);

create table commission_work (
  program_id text not null,
  seq bigint generated always as identity not null,
  partner_id text not null,
  conversion_id text,
  evaluation_id text,
  received_at timestamp with time zone not null,
  attempts integer default 0 not null
);

create table consent_withdrawal (
  program_id text not null,
  identity_id text not null,
  requested_by text not null,
  received_at timestamp with time zone not null,
  constraint consent_withdrawal_pkey PRIMARY KEY (program_id, identity_id)
);

create table content (
  program_id text not null,
  id text not null,
  partner_id text not null,
  title text not null,
  kind text not null,
  platform text not null,
  state text not null,
  round integer default 0 not null,
  asset_version_ids text[] default '{}'::text[] not null,
  workflow_id text not null,
  published_url text,
  published_at timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint content_pkey PRIMARY KEY (program_id, id),
  constraint content_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id),
  constraint content_state_is_known CHECK ((state = ANY (ARRAY['in_review'::text, 'changes_requested'::text, 'approved'::text, 'published'::text, 'live'::text, 'rejected'::text, 'withdrawn'::text])))
);

create table content_round (
  program_id text not null,
  content_id text not null,
  round integer not null,
  draft_url text,
  text text,
  checks jsonb not null,
  submitted_at timestamp with time zone not null,
  outcome text,
  comment text,
  decided_by text,
  decided_at timestamp with time zone,
  constraint content_round_pkey PRIMARY KEY (program_id, content_id, round),
  constraint content_round_program_id_content_id_fkey FOREIGN KEY (program_id, content_id) REFERENCES content(program_id, id)
);

create table contract (
  program_id text not null,
  id text not null,
  partner_id text not null,
  round integer not null,
  template_id text not null,
  state text not null,
  current_version integer default 0 not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint contract_pkey PRIMARY KEY (program_id, id),
  constraint contract_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id),
  constraint contract_state_is_known CHECK ((state = ANY (ARRAY['offered'::text, 'signed'::text, 'in_force'::text, 'refused'::text, 'expired'::text, 'ended'::text])))
);

create table contract_fact (
  program_id text not null,
  partner_id text not null,
  contract_id text not null,
  kind text not null,
  version integer not null,
  at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  constraint contract_fact_kind_is_known CHECK ((kind = ANY (ARRAY['in-force'::text, 'ended'::text]))),
  constraint contract_fact_pkey PRIMARY KEY (program_id, contract_id, kind, version),
  constraint contract_fact_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table contract_signature (
  program_id text not null,
  contract_id text not null,
  version integer not null,
  side text not null,
  signatory_name text not null,
  signatory_title text,
  accepted_hash text not null,
  signed_by text not null,
  signed_at timestamp with time zone not null,
  constraint contract_signature_pkey PRIMARY KEY (program_id, contract_id, version, side),
  constraint contract_signature_program_id_contract_id_version_fkey FOREIGN KEY (program_id, contract_id, version) REFERENCES contract_version(program_id, contract_id, version),
  constraint contract_signature_side_is_known CHECK ((side = ANY (ARRAY['partner'::text, 'program'::text])))
);

create table contract_template (
  program_id text not null,
  id text not null,
  name text not null,
  version integer not null,
  partner_types text[] default '{}'::text[] not null,
  terms jsonb not null,
  body text not null,
  active boolean default true not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint contract_template_pkey PRIMARY KEY (program_id, id),
  constraint contract_template_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table contract_version (
  program_id text not null,
  contract_id text not null,
  version integer not null,
  terms jsonb not null,
  hash text not null,
  body text not null,
  effective_from timestamp with time zone,
  document_id text,
  reason text,
  offered_at timestamp with time zone not null,
  offered_by text not null,
  constraint contract_version_pkey PRIMARY KEY (program_id, contract_id, version),
  constraint contract_version_program_id_contract_id_fkey FOREIGN KEY (program_id, contract_id) REFERENCES contract(program_id, id)
);

create table conversion (
  program_id text not null,
  id text not null,
  external_id text not null,
  digest bytea not null,
  identity_id text,
  click_touchpoint_id text,
  coupon_id text,
  type text not null,
  value_minor bigint not null,
  currency character(3) not null,
  new_customer boolean,
  vertical text,
  country character(2),
  product text,
  parent_external_id text,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  properties jsonb,
  site_id text,
  constraint conversion_external_id_is_unique UNIQUE (program_id, external_id),
  constraint conversion_pkey PRIMARY KEY (program_id, id),
  constraint conversion_value_is_not_negative CHECK ((value_minor >= 0))
);

create table conversion_state (
  program_id text not null,
  conversion_id text not null,
  generation integer not null,
  policy_id text,
  evaluation_id text,
  remaining_minor bigint not null,
  locks_at timestamp with time zone,
  epoch integer not null,
  credited_at timestamp with time zone not null,
  constraint conversion_state_pkey PRIMARY KEY (program_id, conversion_id)
);

create table coupon (
  program_id text not null,
  id text not null,
  partner_id text not null,
  code text not null,
  content_id text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint coupon_pkey PRIMARY KEY (program_id, id),
  constraint coupon_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table credit (
  program_id text not null,
  conversion_id text not null,
  conversion_at timestamp with time zone not null,
  generation integer not null,
  beneficiary_kind text not null,
  beneficiary_id text not null,
  channel text not null,
  share_e12 bigint not null,
  value_minor bigint not null,
  currency character(3) not null,
  policy_id text,
  evaluation_id text,
  content_id text,
  sub_id text,
  epoch integer not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint credit_beneficiary_is_known CHECK ((beneficiary_kind = ANY (ARRAY['partner'::text, 'channel'::text, 'program'::text]))),
  constraint credit_pkey PRIMARY KEY (program_id, conversion_id, generation, beneficiary_kind, beneficiary_id, channel, conversion_at),
  constraint credit_share_is_0_to_1 CHECK (((share_e12 >= 0) AND (share_e12 <= '1000000000000'::bigint)))
) partition by RANGE (conversion_at);

create table delegation (
  program_id text not null,
  delegate_id text not null,
  stands_for_id text not null,
  from_at timestamp with time zone not null,
  until_at timestamp with time zone not null,
  constraint delegation_ends_after_it_starts CHECK ((until_at > from_at)),
  constraint delegation_is_to_another CHECK ((delegate_id <> stands_for_id)),
  constraint delegation_pkey PRIMARY KEY (program_id, delegate_id, stands_for_id, from_at),
  constraint delegation_program_id_delegate_id_fkey FOREIGN KEY (program_id, delegate_id) REFERENCES app_user(program_id, id),
  constraint delegation_program_id_stands_for_id_fkey FOREIGN KEY (program_id, stands_for_id) REFERENCES app_user(program_id, id)
);

create table document (
  program_id text not null,
  id text not null,
  kind text not null,
  media_type text not null,
  sha256 text not null,
  bytes bytea not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint document_is_stored_once UNIQUE (program_id, kind, sha256),
  constraint document_pkey PRIMARY KEY (program_id, id),
  constraint document_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table evaluation (
  program_id text not null,
  id text not null,
  policy_id text not null,
  study_id text not null,
  approved_study_id text,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  downward text not null,
  cut_at timestamp with time zone,
  epoch integer,
  executed_at timestamp with time zone,
  state text default 'queued'::text not null,
  feedback_id text,
  requested_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  failure text,
  overtaken_by text,
  constraint evaluation_downward_is_known CHECK ((downward = ANY (ARRAY['recover'::text, 'waive'::text]))),
  constraint evaluation_pkey PRIMARY KEY (program_id, id),
  constraint evaluation_program_id_policy_id_fkey FOREIGN KEY (program_id, policy_id) REFERENCES attribution_policy(program_id, id),
  constraint evaluation_state_is_known CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'executed'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

create table event (
  program_id text not null,
  id text not null,
  at timestamp with time zone not null,
  kind text not null,
  actor_kind text not null,
  actor_id text,
  partner_id text,
  subject_type text not null,
  subject_id text not null,
  data jsonb not null,
  workflow_id text,
  run_id text,
  workflow_event_id bigint,
  digest bytea not null,
  activity_id text,
  constraint event_actor_is_known CHECK ((actor_kind = ANY (ARRAY['person'::text, 'partner'::text, 'key'::text, 'rule'::text, 'system'::text, 'customer'::text]))),
  constraint event_pkey PRIMARY KEY (program_id, id)
);

create table event_seal (
  program_id text not null,
  batch bigint not null,
  first_seq bigint not null,
  last_seq bigint not null,
  previous bytea not null,
  hash bytea not null,
  sealed_at timestamp with time zone default clock_timestamp() not null,
  constraint event_seal_pkey PRIMARY KEY (program_id, batch)
);

create table event_sealed (
  program_id text not null,
  seq bigint not null,
  event_id text not null,
  batch bigint not null,
  constraint event_is_sealed_once UNIQUE (program_id, event_id),
  constraint event_sealed_pkey PRIMARY KEY (program_id, seq)
);

create table event_unsealed (
  program_id text not null,
  event_id text not null,
  constraint event_unsealed_pkey PRIMARY KEY (program_id, event_id)
);

create table feedback (
  program_id text not null,
  id text not null,
  partner_id text not null,
  kind text not null,
  state text not null,
  conversion_id text,
  policy_id text,
  study_id text,
  evaluation_id text,
  workflow_id text not null,
  appealed_at timestamp with time zone,
  due_at timestamp with time zone,
  opened_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  constraint feedback_kind_is_known CHECK ((kind = ANY (ARRAY['attribution'::text, 'payment'::text, 'content'::text, 'idea'::text]))),
  constraint feedback_pkey PRIMARY KEY (program_id, id),
  constraint feedback_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id),
  constraint feedback_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'waiting-for-information'::text, 'correcting'::text, 'policy-review'::text, 'answered'::text, 'declined'::text, 'appealed'::text, 'closed'::text])))
);

create table feedback_message (
  program_id text not null,
  id text not null,
  feedback_id text not null,
  author_kind text not null,
  author_id text not null,
  text text not null,
  evidence jsonb,
  cause text not null,
  at timestamp with time zone not null,
  constraint feedback_message_is_written_once UNIQUE (program_id, feedback_id, cause),
  constraint feedback_message_pkey PRIMARY KEY (program_id, id),
  constraint feedback_message_program_id_feedback_id_fkey FOREIGN KEY (program_id, feedback_id) REFERENCES feedback(program_id, id)
);

create table forfeit (
  program_id text not null,
  partner_id text not null,
  conversion_id text not null,
  hold_id text not null,
  received_at timestamp with time zone not null,
  constraint forfeit_pkey PRIMARY KEY (program_id, partner_id, conversion_id)
);

create table fx_rate (
  program_id text not null,
  base character(3) not null,
  quote character(3) not null,
  day date not null,
  rate numeric not null,
  source text not null,
  received_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint fx_rate_is_positive CHECK ((rate > (0)::numeric)),
  constraint fx_rate_pkey PRIMARY KEY (program_id, base, quote, day),
  constraint fx_rate_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table fx_rate_history (
  program_id text not null,
  base character(3) not null,
  quote character(3) not null,
  day date not null,
  rate numeric not null,
  source text not null,
  received_at timestamp with time zone not null,
  replaced_at timestamp with time zone not null,
  constraint fx_rate_history_pkey PRIMARY KEY (program_id, base, quote, day, replaced_at),
  constraint fx_rate_history_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table history_archive (
  program_id text not null,
  workflow_id text not null,
  run_id text not null,
  history jsonb not null,
  event_count integer not null,
  sha256 text not null,
  archived_at timestamp with time zone default clock_timestamp() not null,
  constraint history_archive_pkey PRIMARY KEY (program_id, workflow_id, run_id)
);

create table hold (
  program_id text not null,
  id text not null,
  partner_id text not null,
  commission_id text,
  conversion_id text,
  reason text not null,
  until_at timestamp with time zone,
  placed_by text not null,
  placed_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by text,
  ending text,
  task_id text,
  constraint hold_ends_in_a_known_way CHECK ((ending = ANY (ARRAY['lifted'::text, 'confirmed'::text, 'elapsed'::text]))),
  constraint hold_pkey PRIMARY KEY (program_id, id),
  constraint hold_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table id_reuse (
  program_id text not null,
  seq bigint generated always as identity not null,
  partner_id text not null,
  items integer not null,
  received_at timestamp with time zone not null,
  constraint id_reuse_counts_something CHECK ((items > 0)),
  constraint id_reuse_pkey PRIMARY KEY (program_id, seq)
);

create table idempotency_key (
  program_id text not null,
  actor text not null,
  route text not null,
  key text not null,
  request_hash text not null,
  seed text not null,
  state text default 'running'::text not null,
  leased_until timestamp with time zone,
  status integer,
  body jsonb,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint idempotency_key_pkey PRIMARY KEY (program_id, actor, route, key),
  constraint idempotency_key_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint idempotency_state_is_known CHECK ((state = ANY (ARRAY['running'::text, 'done'::text])))
);

create table identity (
  program_id text not null,
  id text not null,
  kind text not null,
  value text not null,
  component_id text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint identity_kind_is_known CHECK ((kind = ANY (ARRAY['visitor'::text, 'customer'::text, 'email'::text]))),
  constraint identity_pkey PRIMARY KEY (program_id, id),
  constraint identity_value_is_unique UNIQUE (program_id, kind, value)
);

create table identity_merge (
  program_id text not null,
  id text not null,
  a_id text not null,
  b_id text not null,
  cause text not null,
  refused_reason text,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  constraint identity_merge_is_noted_once UNIQUE NULLS NOT DISTINCT (program_id, a_id, b_id, refused_reason),
  constraint identity_merge_joins_two CHECK ((a_id < b_id)),
  constraint identity_merge_pkey PRIMARY KEY (program_id, id)
);

create table identity_merge_undo (
  program_id text not null,
  merge_id text not null,
  reason text not null,
  undone_by text not null,
  received_at timestamp with time zone not null,
  constraint identity_merge_undo_pkey PRIMARY KEY (program_id, merge_id)
);

create table import (
  program_id text not null,
  id text not null,
  kind text not null,
  format text not null,
  state text default 'queued'::text not null,
  read integer default 0 not null,
  accepted integer default 0 not null,
  duplicate integer default 0 not null,
  rejected integer default 0 not null,
  total integer,
  failure text,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  columns text[],
  upload text,
  chunks integer,
  taken integer default 0 not null,
  created_by_kind text default 'system'::text not null,
  arrived integer default 0 not null,
  progress_at timestamp with time zone default clock_timestamp() not null,
  constraint import_pkey PRIMARY KEY (program_id, id),
  constraint import_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint import_state_is_known CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

create table import_chunk (
  program_id text not null,
  import_id text not null,
  no integer not null,
  bytes bytea not null,
  constraint import_chunk_pkey PRIMARY KEY (program_id, import_id, no),
  constraint import_chunk_program_id_import_id_fkey FOREIGN KEY (program_id, import_id) REFERENCES import(program_id, id)
);

create table import_error (
  program_id text not null,
  import_id text not null,
  line integer not null,
  code text not null,
  detail text not null,
  constraint import_error_pkey PRIMARY KEY (program_id, import_id, line, code),
  constraint import_error_program_id_import_id_fkey FOREIGN KEY (program_id, import_id) REFERENCES import(program_id, id)
);

create table import_error_chunk (
  program_id text not null,
  import_id text not null,
  no integer not null,
  lines integer not null,
  last_line integer not null,
  content json not null,
  constraint import_error_chunk_has_lines CHECK ((lines > 0)),
  constraint import_error_chunk_pkey PRIMARY KEY (program_id, import_id, no),
  constraint import_error_chunk_program_id_import_id_fkey FOREIGN KEY (program_id, import_id) REFERENCES import(program_id, id)
);

create table import_journey (
  program_id text not null,
  import_id text not null,
  line integer not null,
  path text[] not null,
  conversions bigint not null,
  value numeric not null,
  nulls bigint not null,
  constraint import_journey_pkey PRIMARY KEY (program_id, import_id, line),
  constraint import_journey_program_id_import_id_fkey FOREIGN KEY (program_id, import_id) REFERENCES import(program_id, id)
);

create table intake_work (
  program_id text not null,
  seq bigint generated always as identity not null,
  kind text not null,
  conversion_id text,
  identity_id text,
  partner_id text,
  external_id text,
  evaluation_id text,
  from_at timestamp with time zone,
  to_at timestamp with time zone,
  received_at timestamp with time zone not null,
  attempts integer default 0 not null,
  identity_ids text[],
  from_ats timestamp with time zone[],
  constraint intake_work_kind_is_known CHECK ((kind = ANY (ARRAY['conversion'::text, 'touchpoint'::text, 'merge'::text, 'refund'::text, 'void'::text, 'range'::text, 'lock'::text, 'evaluation'::text]))),
  constraint intake_work_names_persons_in_pairs CHECK ((NOT (cardinality(identity_ids) IS DISTINCT FROM cardinality(from_ats))))
);

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
  currency character(3) not null,
  document_id text,
  issued_at timestamp with time zone not null,
  constraint invoice_kind_is_known CHECK ((kind = ANY (ARRAY['self-billed'::text, 'credit-note'::text]))),
  constraint invoice_number_is_unique UNIQUE (program_id, year, number),
  constraint invoice_of_a_statement_is_unique UNIQUE (program_id, statement_id),
  constraint invoice_pkey PRIMARY KEY (program_id, id)
);

create table invoice_counter (
  program_id text not null,
  year integer not null,
  last_number integer default 0 not null,
  constraint invoice_counter_pkey PRIMARY KEY (program_id, year),
  constraint invoice_counter_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table ledger_entry (
  program_id text not null,
  id text not null,
  kind text not null,
  cause text not null,
  at timestamp with time zone not null,
  partner_id text,
  subject_type text,
  subject_id text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint ledger_entry_cause_is_unique UNIQUE (program_id, cause),
  constraint ledger_entry_pkey PRIMARY KEY (program_id, id),
  constraint ledger_entry_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table ledger_posting (
  program_id text not null,
  entry_id text not null,
  no integer not null,
  account text not null,
  partner_id text,
  side text not null,
  amount_minor bigint not null,
  currency character(3) not null,
  constraint ledger_account_is_known CHECK ((account = ANY (ARRAY['commission-expense'::text, 'goodwill'::text, 'vat-input'::text, 'write-off'::text, 'fx'::text, 'pending'::text, 'locked'::text, 'payable'::text, 'receivable'::text, 'payout-clearing'::text, 'payout-fees'::text, 'bank'::text]))),
  constraint ledger_posting_amount_is_positive CHECK ((amount_minor > 0)),
  constraint ledger_posting_pkey PRIMARY KEY (program_id, entry_id, no),
  constraint ledger_posting_side_is_known CHECK ((side = ANY (ARRAY['debit'::text, 'credit'::text]))),
  constraint partner_accounts_name_a_partner CHECK (((account = ANY (ARRAY['pending'::text, 'locked'::text, 'payable'::text, 'receivable'::text])) = (partner_id IS NOT NULL)))
);

create table link (
  program_id text not null,
  id text not null,
  partner_id text,
  code text not null,
  destination text not null,
  channel text,
  content_id text,
  sub_id text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint link_code_is_unique UNIQUE (program_id, code),
  constraint link_pkey PRIMARY KEY (program_id, id),
  constraint link_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table link_code (
  code text not null,
  program_id text not null,
  link_id text not null,
  constraint link_code_pkey PRIMARY KEY (code)
);

create table mail_outbox (
  program_id text not null,
  id text not null,
  key text not null,
  template text not null,
  language text not null,
  to_name text not null,
  to_address text not null,
  data jsonb not null,
  state text default 'queued'::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  leased_until timestamp with time zone,
  sent_at timestamp with time zone,
  last_error text,
  refusal_settled_at timestamp with time zone,
  partner_id text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint mail_is_sent_once_per_key UNIQUE (program_id, key),
  constraint mail_outbox_pkey PRIMARY KEY (program_id, id),
  constraint mail_outbox_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint mail_state_is_known CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'undeliverable'::text])))
);

create table market (
  program_id text not null,
  code text not null,
  name text not null,
  region text not null,
  countries text[] not null,
  language text not null,
  time_zone text not null,
  currency character(3) not null,
  constraint market_pkey PRIMARY KEY (program_id, code),
  constraint market_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table membership (
  program_id text not null,
  person_id text not null,
  role text not null,
  markets text[] default '{}'::text[] not null,
  granted_by text,
  granted_at timestamp with time zone default clock_timestamp() not null,
  constraint membership_pkey PRIMARY KEY (program_id, person_id, role),
  constraint membership_program_id_person_id_fkey FOREIGN KEY (program_id, person_id) REFERENCES app_user(program_id, id),
  constraint membership_role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'partner_manager'::text, 'reviewer'::text, 'legal'::text, 'finance'::text, 'auditor'::text, 'developer'::text])))
);

create table partner (
  program_id text not null,
  id text not null,
  external_id text,
  name text not null,
  email text not null,
  type text not null,
  country character(2) not null,
  market_code text,
  channels text[] default '{}'::text[] not null,
  verticals text[] default '{}'::text[] not null,
  source text,
  status text not null,
  status_since timestamp with time zone not null,
  round integer default 1 not null,
  workflow_id text not null,
  owner_id text,
  tier text,
  status_reason text,
  reapply_after timestamp with time zone,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint partner_external_id_is_unique UNIQUE (program_id, external_id),
  constraint partner_pkey PRIMARY KEY (program_id, id),
  constraint partner_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint partner_status_is_of_the_table CHECK ((status = ANY (ARRAY['surveying'::text, 'expired'::text, 'screening'::text, 'waitlisted'::text, 'declined'::text, 'contracting'::text, 'enabling'::text, 'active'::text, 'paused'::text, 'ended'::text])))
);

create table partner_book (
  program_id text not null,
  partner_id text not null,
  constraint partner_book_pkey PRIMARY KEY (program_id, partner_id)
);

create table partner_profile (
  program_id text not null,
  partner_id text not null,
  effective_from timestamp with time zone not null,
  language text not null,
  time_zone text not null,
  currency character(3) not null,
  type text not null,
  market_code text,
  received_at timestamp with time zone not null,
  constraint partner_profile_pkey PRIMARY KEY (program_id, partner_id, effective_from),
  constraint partner_profile_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id)
);

create table partner_survey (
  program_id text not null,
  partner_id text not null,
  round integer not null,
  answers jsonb not null,
  fit_score integer,
  fit jsonb,
  brief_id text,
  answered_at timestamp with time zone not null,
  constraint fit_score_is_0_to_100 CHECK (((fit_score >= 0) AND (fit_score <= 100))),
  constraint partner_survey_pkey PRIMARY KEY (program_id, partner_id, round),
  constraint partner_survey_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id)
);

create table payout (
  program_id text not null,
  id text not null,
  partner_id text not null,
  statement_id text not null,
  amount_minor bigint not null,
  currency character(3) not null,
  state text not null,
  provider text not null,
  details_id text not null,
  details_hash text not null,
  approved_by text,
  approved_at timestamp with time zone,
  released_by text,
  released_at timestamp with time zone,
  sent_at timestamp with time zone,
  settled_at timestamp with time zone,
  failure text,
  moved_minor bigint,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint payout_amount_is_positive CHECK ((amount_minor > 0)),
  constraint payout_needs_two_persons CHECK (((released_by IS NULL) OR (released_by <> approved_by))),
  constraint payout_pkey PRIMARY KEY (program_id, id),
  constraint payout_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id),
  constraint payout_program_id_statement_id_fkey FOREIGN KEY (program_id, statement_id) REFERENCES statement(program_id, id),
  constraint payout_state_is_known CHECK ((state = ANY (ARRAY['approved'::text, 'released'::text, 'sending'::text, 'sent'::text, 'unknown'::text, 'investigation'::text, 'paid'::text, 'failed'::text, 'not-paid'::text, 'returned'::text, 'cancelled'::text])))
);

create table payout_attempt (
  program_id text not null,
  payout_id text not null,
  no integer not null,
  kind text not null,
  result text not null,
  detail text,
  at timestamp with time zone default clock_timestamp() not null,
  constraint payout_attempt_kind_is_known CHECK ((kind = ANY (ARRAY['send'::text, 'look-up'::text, 'webhook'::text, 'person'::text]))),
  constraint payout_attempt_pkey PRIMARY KEY (program_id, payout_id, no),
  constraint payout_attempt_program_id_payout_id_fkey FOREIGN KEY (program_id, payout_id) REFERENCES payout(program_id, id)
);

create table payout_details (
  program_id text not null,
  id text not null,
  partner_id text not null,
  method text not null,
  account_holder text not null,
  iban text,
  account text,
  tax_country character(2) not null,
  vat_id text,
  small_business boolean default false not null,
  hash text not null,
  state text default 'submitted'::text not null,
  submitted_at timestamp with time zone not null,
  decided_by text,
  decided_at timestamp with time zone,
  hold_until timestamp with time zone,
  constraint payout_details_method_is_known CHECK ((method = ANY (ARRAY['sepa'::text, 'sandbox'::text]))),
  constraint payout_details_name_an_account CHECK ((((method = 'sepa'::text) = (iban IS NOT NULL)) AND ((method = 'sandbox'::text) = (account IS NOT NULL)))),
  constraint payout_details_pkey PRIMARY KEY (program_id, id),
  constraint payout_details_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id),
  constraint payout_details_state_is_known CHECK ((state = ANY (ARRAY['submitted'::text, 'verified'::text, 'rejected'::text, 'replaced'::text])))
);

create table person_conflict (
  program_id text not null,
  person_id text not null,
  partner_id text not null,
  reason text,
  constraint person_conflict_pkey PRIMARY KEY (program_id, person_id, partner_id),
  constraint person_conflict_program_id_person_id_fkey FOREIGN KEY (program_id, person_id) REFERENCES app_user(program_id, id)
);

create table policy_period (
  program_id text not null,
  policy_id text not null,
  conversion_type text not null,
  during tstzrange not null,
  received_at timestamp with time zone not null,
  constraint one_policy_in_force_at_each_instant EXCLUDE USING gist (program_id WITH =, conversion_type WITH =, during WITH &&),
  constraint policy_period_holds_an_instant CHECK ((NOT isempty(during))),
  constraint policy_period_pkey PRIMARY KEY (program_id, policy_id, conversion_type),
  constraint policy_period_program_id_policy_id_fkey FOREIGN KEY (program_id, policy_id) REFERENCES attribution_policy(program_id, id)
);

create table program (
  program_id text not null,
  name text not null,
  currency character(3) not null,
  time_zone text not null,
  settings jsonb not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint program_pkey PRIMARY KEY (program_id)
);

create table program_clock (
  program_id text not null,
  cut_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  sealed_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  epoch integer default 0 not null,
  constraint program_clock_pkey PRIMARY KEY (program_id),
  constraint program_clock_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint sealed_is_not_after_cut CHECK ((sealed_at <= cut_at))
);

create table program_directory (
  program_id text not null,
  constraint program_directory_pkey PRIMARY KEY (program_id)
);

create table prospect (
  program_id text not null,
  id text not null,
  name text not null,
  email text,
  type text not null,
  country character(2) not null,
  channels text[] default '{}'::text[] not null,
  verticals text[] default '{}'::text[] not null,
  partner_id text,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint prospect_pkey PRIMARY KEY (program_id, id),
  constraint prospect_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table rate_limit (
  key character varying(255) not null,
  points integer default 0 not null,
  expire bigint,
  constraint rate_limit_pkey PRIMARY KEY (key)
);

create table refund (
  program_id text not null,
  id text not null,
  external_id text not null,
  digest bytea not null,
  conversion_external_id text not null,
  value_minor bigint,
  currency character(3),
  reason text not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  constraint refund_external_id_is_unique UNIQUE (program_id, external_id),
  constraint refund_pkey PRIMARY KEY (program_id, id),
  constraint refund_value_is_positive CHECK ((value_minor > 0))
);

create table refund_decision (
  program_id text not null,
  refund_id text not null,
  conversion_id text not null,
  state text not null,
  value_minor bigint not null,
  reason text,
  decided_at timestamp with time zone default clock_timestamp() not null,
  constraint refund_decision_pkey PRIMARY KEY (program_id, refund_id),
  constraint refund_decision_state_is_known CHECK ((state = ANY (ARRAY['applied'::text, 'refused'::text])))
);

create table screen_hit (
  program_id text not null,
  hold_id text not null,
  screen text not null,
  version integer not null,
  parameters jsonb not null,
  partner_id text not null,
  conversion_id text not null,
  evidence text not null,
  at timestamp with time zone not null,
  constraint screen_hit_is_noted_once UNIQUE (program_id, screen, version, partner_id, conversion_id),
  constraint screen_hit_pkey PRIMARY KEY (program_id, hold_id),
  constraint screen_hit_program_id_hold_id_fkey FOREIGN KEY (program_id, hold_id) REFERENCES hold(program_id, id)
);

create table session (
  program_id text not null,
  id text not null,
  person_id text,
  partner_id text,
  secret_hash text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint session_is_of_one CHECK (((person_id IS NULL) <> (partner_id IS NULL))),
  constraint session_pkey PRIMARY KEY (program_id, id),
  constraint session_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table sign_in_link (
  program_id text not null,
  id text not null,
  person_id text,
  partner_id text,
  secret_hash text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint sign_in_link_is_of_one CHECK (((person_id IS NULL) <> (partner_id IS NULL))),
  constraint sign_in_link_pkey PRIMARY KEY (program_id, id),
  constraint sign_in_link_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table signed_contract (
  program_id text not null,
  contract_id text not null,
  version integer not null,
  document_id text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint signed_contract_pkey PRIMARY KEY (program_id, contract_id, version),
  constraint signed_contract_program_id_contract_id_version_fkey FOREIGN KEY (program_id, contract_id, version) REFERENCES contract_version(program_id, contract_id, version),
  constraint signed_contract_program_id_document_id_fkey FOREIGN KEY (program_id, document_id) REFERENCES document(program_id, id)
);

create table site (
  program_id text not null,
  id text not null,
  name text not null,
  origins text[] not null,
  conversions text default 'refuse'::text not null,
  identities text default 'refuse'::text not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  disabled_at timestamp with time zone,
  constraint site_conversions_are_known CHECK ((conversions = ANY (ARRAY['accept'::text, 'hold'::text, 'refuse'::text]))),
  constraint site_has_an_origin CHECK ((cardinality(origins) > 0)),
  constraint site_identities_are_known CHECK ((identities = ANY (ARRAY['accept'::text, 'refuse'::text]))),
  constraint site_pkey PRIMARY KEY (program_id, id),
  constraint site_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table statement (
  program_id text not null,
  id text not null,
  partner_id text not null,
  window_id text not null,
  kind text not null,
  currency character(3) not null,
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
  approved_at timestamp with time zone,
  drawn_at timestamp with time zone not null,
  expected_pay_at timestamp with time zone not null,
  constraint statement_kind_is_known CHECK ((kind = ANY (ARRAY['regular'::text, 'supplementary'::text, 'final'::text]))),
  constraint statement_pkey PRIMARY KEY (program_id, id),
  constraint statement_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id),
  constraint statement_state_is_known CHECK ((state = ANY (ARRAY['drawn'::text, 'approved'::text, 'held'::text, 'carried'::text, 'empty'::text, 'paid'::text]))),
  constraint statement_vat_mode_is_known CHECK ((vat_mode = ANY (ARRAY['none'::text, 'add'::text, 'included'::text, 'reverse-charge'::text])))
);

create table statement_line (
  program_id text not null,
  statement_id text not null,
  commission_id text not null,
  amount_minor bigint not null,
  constraint statement_line_pkey PRIMARY KEY (program_id, commission_id),
  constraint statement_line_program_id_statement_id_fkey FOREIGN KEY (program_id, statement_id) REFERENCES statement(program_id, id)
);

create table study (
  program_id text not null,
  id text not null,
  policy_id text not null,
  evaluation_id text,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  cut_at timestamp with time zone,
  epoch integer,
  state text default 'queued'::text not null,
  done integer default 0 not null,
  total integer,
  conversions integer,
  totals jsonb,
  failure text,
  requested_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  policy jsonb,
  repeat_of text,
  digest text,
  started_at timestamp with time zone,
  pricing_at timestamp with time zone,
  constraint study_pkey PRIMARY KEY (program_id, id),
  constraint study_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint study_range_is_not_empty CHECK ((to_at > from_at)),
  constraint study_state_is_known CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);

create table study_line (
  program_id text not null,
  study_id text not null,
  conversion_id text not null,
  beneficiary_kind text not null,
  beneficiary_id text not null,
  share_before_e12 bigint not null,
  share_after_e12 bigint not null,
  value_before_minor bigint not null,
  value_after_minor bigint not null,
  value_currency character(3) not null,
  commission_before_minor bigint not null,
  commission_after_minor bigint not null,
  commission_currency character(3) not null,
  from_late_evidence boolean default false not null,
  window_state text,
  detail jsonb,
  share_evidence_e12 bigint,
  value_evidence_minor bigint,
  commission_evidence_minor bigint,
  constraint study_line_pkey PRIMARY KEY (program_id, study_id, conversion_id, beneficiary_kind, beneficiary_id)
);

create table survey (
  program_id text not null,
  id text not null,
  title text not null,
  questions jsonb not null,
  state text default 'open'::text not null,
  link_hash text not null,
  created_by text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  closes_at timestamp with time zone,
  constraint survey_pkey PRIMARY KEY (program_id, id),
  constraint survey_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint survey_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))
);

create table survey_response (
  program_id text not null,
  id text not null,
  survey_id text not null,
  answers jsonb not null,
  language text,
  at timestamp with time zone default clock_timestamp() not null,
  constraint survey_response_pkey PRIMARY KEY (program_id, id),
  constraint survey_response_program_id_survey_id_fkey FOREIGN KEY (program_id, survey_id) REFERENCES survey(program_id, id)
);

create table task (
  program_id text not null,
  id text not null,
  kind text not null,
  workflow_id text not null,
  workflow_key text not null,
  partner_id text,
  subject_type text not null,
  subject_id text not null,
  role text not null,
  assignee_id text,
  requested_by text,
  excluded_persons text[] default '{}'::text[] not null,
  outcomes text[] not null,
  data jsonb not null,
  state text default 'open'::text not null,
  opened_at timestamp with time zone not null,
  due_at timestamp with time zone,
  reminded_at timestamp with time zone,
  escalated_at timestamp with time zone,
  outcome text,
  reason text,
  decided_by_kind text,
  decided_by text,
  decided_for text,
  decided_at timestamp with time zone,
  decision_id text,
  decision_data jsonb,
  constraint task_decided_with_its_outcome CHECK (((state = 'done'::text) = ((decided_by IS NOT NULL) AND (outcome IS NOT NULL)))),
  constraint task_decision_is_unique UNIQUE (program_id, decision_id),
  constraint task_is_opened_once UNIQUE (program_id, workflow_id, workflow_key),
  constraint task_outcome_is_allowed CHECK (((outcome IS NULL) OR (outcome = ANY (outcomes)))),
  constraint task_pkey PRIMARY KEY (program_id, id),
  constraint task_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id),
  constraint task_state_is_known CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'expired'::text, 'cancelled'::text])))
);

create table task_comment (
  program_id text not null,
  id text not null,
  task_id text not null,
  author_id text not null,
  text text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint task_comment_pkey PRIMARY KEY (program_id, id),
  constraint task_comment_program_id_task_id_fkey FOREIGN KEY (program_id, task_id) REFERENCES task(program_id, id)
);

create table touchpoint (
  program_id text not null,
  id text not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  identity_id text,
  channel text not null,
  partner_id text,
  kind text not null,
  link_id text,
  coupon_id text,
  content_id text,
  sub_id text,
  bot boolean default false not null,
  consent boolean default true not null,
  properties jsonb,
  approved_by text,
  constraint touchpoint_kind_is_known CHECK ((kind = ANY (ARRAY['click'::text, 'view'::text, 'code'::text, 'visit'::text, 'event'::text]))),
  constraint touchpoint_without_consent_has_no_identity CHECK ((consent OR (identity_id IS NULL)))
) partition by RANGE (occurred_at);

create table touchpoint_key (
  program_id text not null,
  id text not null,
  digest bytea not null,
  occurred_at timestamp with time zone,
  identity_id text,
  constraint touchpoint_key_pkey PRIMARY KEY (program_id, id)
);

create table touchpoint_void (
  program_id text not null,
  touchpoint_id text not null,
  reason text not null,
  approved_by text not null,
  received_at timestamp with time zone not null,
  constraint touchpoint_void_pkey PRIMARY KEY (program_id, touchpoint_id)
);

create table training_module (
  program_id text not null,
  id text not null,
  title text not null,
  body text not null,
  questions jsonb not null,
  pass_mark integer not null,
  required boolean default true not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  retired_at timestamp with time zone,
  constraint pass_mark_is_a_percentage CHECK (((pass_mark >= 0) AND (pass_mark <= 100))),
  constraint training_module_pkey PRIMARY KEY (program_id, id),
  constraint training_module_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table training_result (
  program_id text not null,
  partner_id text not null,
  module_id text not null,
  attempt integer not null,
  answers jsonb not null,
  score integer not null,
  passed boolean not null,
  at timestamp with time zone not null,
  constraint training_result_pkey PRIMARY KEY (program_id, partner_id, module_id, attempt),
  constraint training_result_program_id_partner_id_fkey FOREIGN KEY (program_id, partner_id) REFERENCES partner(program_id, id)
);

create table waiting_click (
  program_id text not null,
  click_id text not null,
  identity_id text not null,
  cause text not null,
  occurred_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  constraint waiting_click_pkey PRIMARY KEY (program_id, click_id, identity_id)
);

create table webhook_delivery (
  program_id text not null,
  id text not null,
  endpoint_id text not null,
  event_id text not null,
  state text default 'queued'::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  leased_until timestamp with time zone,
  last_error text,
  delivered_at timestamp with time zone,
  constraint webhook_delivery_pkey PRIMARY KEY (program_id, id),
  constraint webhook_delivery_state_is_known CHECK ((state = ANY (ARRAY['queued'::text, 'delivered'::text, 'failed'::text]))),
  constraint webhook_is_delivered_once_per_event UNIQUE (program_id, endpoint_id, event_id)
);

create table webhook_endpoint (
  program_id text not null,
  id text not null,
  url text not null,
  events text[] not null,
  secret text not null,
  created_by text,
  created_at timestamp with time zone default clock_timestamp() not null,
  disabled_at timestamp with time zone,
  constraint webhook_endpoint_pkey PRIMARY KEY (program_id, id),
  constraint webhook_endpoint_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table work_set_aside (
  program_id text not null,
  id text not null,
  queue text not null,
  work jsonb not null,
  error text not null,
  at timestamp with time zone default clock_timestamp() not null,
  constraint work_set_aside_pkey PRIMARY KEY (program_id, id)
);

create table workflow_run (
  program_id text not null,
  workflow_id text not null,
  run_id text not null,
  type text not null,
  subject_type text not null,
  subject_id text not null,
  partner_id text,
  started_at timestamp with time zone default clock_timestamp() not null,
  closed_at timestamp with time zone,
  status text default 'running'::text not null,
  event_count integer,
  archived_at timestamp with time zone,
  constraint workflow_run_pkey PRIMARY KEY (program_id, workflow_id, run_id),
  constraint workflow_run_program_id_fkey FOREIGN KEY (program_id) REFERENCES program(program_id)
);

create table credit_2024q1 partition of credit FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-04-01 00:00:00+00');

create table credit_2024q2 partition of credit FOR VALUES FROM ('2024-04-01 00:00:00+00') TO ('2024-07-01 00:00:00+00');

create table credit_2024q3 partition of credit FOR VALUES FROM ('2024-07-01 00:00:00+00') TO ('2024-10-01 00:00:00+00');

create table credit_2024q4 partition of credit FOR VALUES FROM ('2024-10-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');

create table credit_2025q1 partition of credit FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2025-04-01 00:00:00+00');

create table credit_2025q2 partition of credit FOR VALUES FROM ('2025-04-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');

create table credit_2025q3 partition of credit FOR VALUES FROM ('2025-07-01 00:00:00+00') TO ('2025-10-01 00:00:00+00');

create table credit_2025q4 partition of credit FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');

create table credit_2026q1 partition of credit FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-04-01 00:00:00+00');

create table credit_2026q2 partition of credit FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-07-01 00:00:00+00');

create table credit_2026q3 partition of credit FOR VALUES FROM ('2026-07-01 00:00:00+00') TO ('2026-10-01 00:00:00+00');

create table credit_2026q4 partition of credit FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');

create table credit_2027q1 partition of credit FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-04-01 00:00:00+00');

create table credit_2027q2 partition of credit FOR VALUES FROM ('2027-04-01 00:00:00+00') TO ('2027-07-01 00:00:00+00');

create table credit_2027q3 partition of credit FOR VALUES FROM ('2027-07-01 00:00:00+00') TO ('2027-10-01 00:00:00+00');

create table credit_2027q4 partition of credit FOR VALUES FROM ('2027-10-01 00:00:00+00') TO ('2028-01-01 00:00:00+00');

create table credit_2028q1 partition of credit FOR VALUES FROM ('2028-01-01 00:00:00+00') TO ('2028-04-01 00:00:00+00');

create table credit_2028q2 partition of credit FOR VALUES FROM ('2028-04-01 00:00:00+00') TO ('2028-07-01 00:00:00+00');

create table credit_2028q3 partition of credit FOR VALUES FROM ('2028-07-01 00:00:00+00') TO ('2028-10-01 00:00:00+00');

create table credit_2028q4 partition of credit FOR VALUES FROM ('2028-10-01 00:00:00+00') TO ('2029-01-01 00:00:00+00');

create table credit_2029q1 partition of credit FOR VALUES FROM ('2029-01-01 00:00:00+00') TO ('2029-04-01 00:00:00+00');

create table credit_2029q2 partition of credit FOR VALUES FROM ('2029-04-01 00:00:00+00') TO ('2029-07-01 00:00:00+00');

create table credit_2029q3 partition of credit FOR VALUES FROM ('2029-07-01 00:00:00+00') TO ('2029-10-01 00:00:00+00');

create table credit_2029q4 partition of credit FOR VALUES FROM ('2029-10-01 00:00:00+00') TO ('2030-01-01 00:00:00+00');

create table credit_2030q1 partition of credit FOR VALUES FROM ('2030-01-01 00:00:00+00') TO ('2030-04-01 00:00:00+00');

create table credit_2030q2 partition of credit FOR VALUES FROM ('2030-04-01 00:00:00+00') TO ('2030-07-01 00:00:00+00');

create table credit_2030q3 partition of credit FOR VALUES FROM ('2030-07-01 00:00:00+00') TO ('2030-10-01 00:00:00+00');

create table credit_2030q4 partition of credit FOR VALUES FROM ('2030-10-01 00:00:00+00') TO ('2031-01-01 00:00:00+00');

create table credit_2031q1 partition of credit FOR VALUES FROM ('2031-01-01 00:00:00+00') TO ('2031-04-01 00:00:00+00');

create table credit_2031q2 partition of credit FOR VALUES FROM ('2031-04-01 00:00:00+00') TO ('2031-07-01 00:00:00+00');

create table credit_2031q3 partition of credit FOR VALUES FROM ('2031-07-01 00:00:00+00') TO ('2031-10-01 00:00:00+00');

create table credit_2031q4 partition of credit FOR VALUES FROM ('2031-10-01 00:00:00+00') TO ('2032-01-01 00:00:00+00');

create table credit_other partition of credit DEFAULT;

create table touchpoint_2024q1 partition of touchpoint FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-04-01 00:00:00+00');

create table touchpoint_2024q2 partition of touchpoint FOR VALUES FROM ('2024-04-01 00:00:00+00') TO ('2024-07-01 00:00:00+00');

create table touchpoint_2024q3 partition of touchpoint FOR VALUES FROM ('2024-07-01 00:00:00+00') TO ('2024-10-01 00:00:00+00');

create table touchpoint_2024q4 partition of touchpoint FOR VALUES FROM ('2024-10-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');

create table touchpoint_2025q1 partition of touchpoint FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2025-04-01 00:00:00+00');

create table touchpoint_2025q2 partition of touchpoint FOR VALUES FROM ('2025-04-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');

create table touchpoint_2025q3 partition of touchpoint FOR VALUES FROM ('2025-07-01 00:00:00+00') TO ('2025-10-01 00:00:00+00');

create table touchpoint_2025q4 partition of touchpoint FOR VALUES FROM ('2025-10-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');

create table touchpoint_2026q1 partition of touchpoint FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-04-01 00:00:00+00');

create table touchpoint_2026q2 partition of touchpoint FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-07-01 00:00:00+00');

create table touchpoint_2026q3 partition of touchpoint FOR VALUES FROM ('2026-07-01 00:00:00+00') TO ('2026-10-01 00:00:00+00');

create table touchpoint_2026q4 partition of touchpoint FOR VALUES FROM ('2026-10-01 00:00:00+00') TO ('2027-01-01 00:00:00+00');

create table touchpoint_2027q1 partition of touchpoint FOR VALUES FROM ('2027-01-01 00:00:00+00') TO ('2027-04-01 00:00:00+00');

create table touchpoint_2027q2 partition of touchpoint FOR VALUES FROM ('2027-04-01 00:00:00+00') TO ('2027-07-01 00:00:00+00');

create table touchpoint_2027q3 partition of touchpoint FOR VALUES FROM ('2027-07-01 00:00:00+00') TO ('2027-10-01 00:00:00+00');

create table touchpoint_2027q4 partition of touchpoint FOR VALUES FROM ('2027-10-01 00:00:00+00') TO ('2028-01-01 00:00:00+00');

create table touchpoint_2028q1 partition of touchpoint FOR VALUES FROM ('2028-01-01 00:00:00+00') TO ('2028-04-01 00:00:00+00');

create table touchpoint_2028q2 partition of touchpoint FOR VALUES FROM ('2028-04-01 00:00:00+00') TO ('2028-07-01 00:00:00+00');

create table touchpoint_2028q3 partition of touchpoint FOR VALUES FROM ('2028-07-01 00:00:00+00') TO ('2028-10-01 00:00:00+00');

create table touchpoint_2028q4 partition of touchpoint FOR VALUES FROM ('2028-10-01 00:00:00+00') TO ('2029-01-01 00:00:00+00');

create table touchpoint_2029q1 partition of touchpoint FOR VALUES FROM ('2029-01-01 00:00:00+00') TO ('2029-04-01 00:00:00+00');

create table touchpoint_2029q2 partition of touchpoint FOR VALUES FROM ('2029-04-01 00:00:00+00') TO ('2029-07-01 00:00:00+00');

create table touchpoint_2029q3 partition of touchpoint FOR VALUES FROM ('2029-07-01 00:00:00+00') TO ('2029-10-01 00:00:00+00');

create table touchpoint_2029q4 partition of touchpoint FOR VALUES FROM ('2029-10-01 00:00:00+00') TO ('2030-01-01 00:00:00+00');

create table touchpoint_2030q1 partition of touchpoint FOR VALUES FROM ('2030-01-01 00:00:00+00') TO ('2030-04-01 00:00:00+00');

create table touchpoint_2030q2 partition of touchpoint FOR VALUES FROM ('2030-04-01 00:00:00+00') TO ('2030-07-01 00:00:00+00');

create table touchpoint_2030q3 partition of touchpoint FOR VALUES FROM ('2030-07-01 00:00:00+00') TO ('2030-10-01 00:00:00+00');

create table touchpoint_2030q4 partition of touchpoint FOR VALUES FROM ('2030-10-01 00:00:00+00') TO ('2031-01-01 00:00:00+00');

create table touchpoint_2031q1 partition of touchpoint FOR VALUES FROM ('2031-01-01 00:00:00+00') TO ('2031-04-01 00:00:00+00');

create table touchpoint_2031q2 partition of touchpoint FOR VALUES FROM ('2031-04-01 00:00:00+00') TO ('2031-07-01 00:00:00+00');

create table touchpoint_2031q3 partition of touchpoint FOR VALUES FROM ('2031-07-01 00:00:00+00') TO ('2031-10-01 00:00:00+00');

create table touchpoint_2031q4 partition of touchpoint FOR VALUES FROM ('2031-10-01 00:00:00+00') TO ('2032-01-01 00:00:00+00');

create table touchpoint_other partition of touchpoint DEFAULT;

CREATE UNIQUE INDEX app_user_email_is_unique ON public.app_user USING btree (program_id, lower(email));
CREATE INDEX window_by_lock ON public.attribution_window USING btree (program_id, locks_at);
CREATE UNIQUE INDEX one_brief_is_active ON public.brief USING btree (program_id) WHERE (state = 'active'::text);
CREATE INDEX commission_by_conversion ON public.commission USING btree (program_id, conversion_id);
CREATE INDEX commission_by_entry ON public.commission USING btree (program_id, entry_id);
CREATE INDEX commission_by_origin ON public.commission USING btree (program_id, origin_window_id);
CREATE INDEX commission_by_window ON public.commission USING btree (program_id, window_id, partner_id);
CREATE UNIQUE INDEX commission_of_an_adjustment_is_unique ON public.commission USING btree (program_id, adjustment_id) WHERE (adjustment_id IS NOT NULL);
CREATE UNIQUE INDEX commission_of_an_evaluation_is_unique ON public.commission USING btree (program_id, evaluation_id, conversion_id, partner_id, kind) WHERE ((evaluation_id IS NOT NULL) AND (kind = ANY (ARRAY['adjustment'::text, 'goodwill'::text])));
CREATE INDEX commission_work_by_partner ON public.commission_work USING btree (program_id, partner_id);
CREATE INDEX commission_work_in_order ON public.commission_work USING btree (program_id, received_at, seq);
CREATE INDEX content_by_partner ON public.content USING btree (program_id, partner_id, id);
CREATE INDEX contract_by_partner ON public.contract USING btree (program_id, partner_id);
CREATE INDEX contract_fact_by_partner ON public.contract_fact USING btree (program_id, partner_id, at);
CREATE INDEX contract_version_by_lookback ON public.contract_version USING btree (program_id, longest_lookback(terms));
CREATE INDEX conversion_by_identity ON public.conversion USING btree (program_id, identity_id, occurred_at);
CREATE INDEX conversion_by_parent ON public.conversion USING btree (program_id, parent_external_id) WHERE (parent_external_id IS NOT NULL);
CREATE INDEX conversion_by_time ON public.conversion USING btree (program_id, occurred_at, id);
CREATE UNIQUE INDEX coupon_code_is_unique ON public.coupon USING btree (program_id, lower(code));
CREATE INDEX credit_by_partner ON ONLY public.credit USING btree (beneficiary_id, conversion_at) WHERE (beneficiary_kind = 'partner'::text);
CREATE INDEX event_by_partner ON public.event USING btree (program_id, partner_id, at, id);
CREATE INDEX event_by_subject ON public.event USING btree (program_id, subject_type, subject_id, at, id);
CREATE INDEX feedback_by_partner ON public.feedback USING btree (program_id, partner_id);
CREATE INDEX feedback_by_policy ON public.feedback USING btree (program_id, policy_id) WHERE (policy_id IS NOT NULL);
CREATE INDEX hold_by_commission ON public.hold USING btree (program_id, commission_id) WHERE ((ended_at IS NULL) AND (commission_id IS NOT NULL));
CREATE INDEX hold_by_conversion ON public.hold USING btree (program_id, conversion_id) WHERE ((ended_at IS NULL) AND (conversion_id IS NOT NULL));
CREATE INDEX hold_by_partner ON public.hold USING btree (program_id, partner_id) WHERE (ended_at IS NULL);
CREATE INDEX hold_on_partner ON public.hold USING btree (program_id, partner_id) WHERE ((ended_at IS NULL) AND (commission_id IS NULL) AND (conversion_id IS NULL));
CREATE INDEX id_reuse_by_partner ON public.id_reuse USING btree (program_id, partner_id, received_at);
CREATE INDEX idempotency_key_by_age ON public.idempotency_key USING btree (program_id, created_at);
CREATE INDEX identity_by_component ON public.identity USING btree (program_id, component_id);
CREATE INDEX identity_merge_by_b ON public.identity_merge USING btree (program_id, b_id);
CREATE INDEX intake_work_in_order ON public.intake_work USING btree (program_id, received_at, seq);
CREATE INDEX ledger_entry_by_partner ON public.ledger_entry USING btree (program_id, partner_id, at);
CREATE INDEX ledger_entry_by_subject ON public.ledger_entry USING btree (program_id, subject_type, subject_id);
CREATE INDEX ledger_posting_by_account ON public.ledger_posting USING btree (program_id, account, partner_id);
CREATE INDEX link_by_partner ON public.link USING btree (program_id, partner_id);
CREATE INDEX mail_due ON public.mail_outbox USING btree (program_id, next_attempt_at) WHERE (state = 'queued'::text);
CREATE INDEX mail_refused ON public.mail_outbox USING btree (program_id, lower(to_address)) WHERE (state = 'undeliverable'::text);
CREATE INDEX partner_by_status ON public.partner USING btree (program_id, status, id);
CREATE UNIQUE INDEX partner_email_is_unique ON public.partner USING btree (program_id, lower(email));
CREATE INDEX payout_by_partner ON public.payout USING btree (program_id, partner_id, created_at);
CREATE INDEX payout_by_statement ON public.payout USING btree (program_id, statement_id);
CREATE UNIQUE INDEX statement_has_one_live_payout ON public.payout USING btree (program_id, statement_id) WHERE (state <> ALL (ARRAY['failed'::text, 'not-paid'::text, 'returned'::text, 'cancelled'::text]));
CREATE INDEX payout_details_by_account ON public.payout_details USING btree (program_id, account) WHERE (account IS NOT NULL);
CREATE INDEX payout_details_by_iban ON public.payout_details USING btree (program_id, iban) WHERE (iban IS NOT NULL);
CREATE INDEX payout_details_by_partner ON public.payout_details USING btree (program_id, partner_id);
CREATE UNIQUE INDEX payout_details_verified_once ON public.payout_details USING btree (program_id, partner_id) WHERE (state = 'verified'::text);
CREATE INDEX refund_by_conversion ON public.refund USING btree (program_id, conversion_external_id);
CREATE INDEX refund_decision_by_conversion ON public.refund_decision USING btree (program_id, conversion_id);
CREATE INDEX screen_hit_in_order ON public.screen_hit USING btree (program_id, screen, hold_id);
CREATE INDEX statement_by_partner ON public.statement USING btree (program_id, partner_id, drawn_at);
CREATE UNIQUE INDEX statement_of_a_window_is_unique ON public.statement USING btree (program_id, window_id) WHERE (kind <> 'supplementary'::text);
CREATE INDEX statement_line_by_statement ON public.statement_line USING btree (program_id, statement_id);
CREATE INDEX study_by_cut ON public.study USING btree (program_id, cut_at) WHERE (cut_at IS NOT NULL);
CREATE INDEX study_line_by_partner ON public.study_line USING btree (program_id, study_id, beneficiary_id, conversion_id) WHERE (beneficiary_kind = 'partner'::text);
CREATE INDEX task_by_partner ON public.task USING btree (program_id, partner_id, state);
CREATE INDEX task_by_subject ON public.task USING btree (program_id, subject_type, subject_id);
CREATE INDEX task_open_by_role ON public.task USING btree (program_id, role, due_at) WHERE (state = 'open'::text);
CREATE INDEX touchpoint_by_identity ON ONLY public.touchpoint USING btree (program_id, identity_id, occurred_at);
CREATE INDEX touchpoint_by_partner ON ONLY public.touchpoint USING btree (program_id, partner_id, occurred_at) WHERE (partner_id IS NOT NULL);
CREATE INDEX webhook_due ON public.webhook_delivery USING btree (program_id, next_attempt_at) WHERE (state = 'queued'::text);
CREATE INDEX workflow_run_by_partner ON public.workflow_run USING btree (program_id, partner_id, started_at);
CREATE INDEX workflow_run_to_archive ON public.workflow_run USING btree (program_id, started_at) WHERE (archived_at IS NULL);

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.asset_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER active_policy_is_immutable BEFORE UPDATE ON public.attribution_policy FOR EACH ROW EXECUTE FUNCTION refuse_change_of_active_policy();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.click FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.command_input FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.commission FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.consent_withdrawal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.contract_fact FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.contract_signature FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.contract_version FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.conversion FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.coupon FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.credit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.document FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.event_seal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.event_sealed FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.feedback_message FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.fx_rate_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.history_archive FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.id_reuse FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.identity_merge FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.identity_merge_undo FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.import_error FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.import_error_chunk FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.import_journey FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.invoice FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.ledger_posting FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_balances AFTER INSERT ON public.ledger_posting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_entry();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.link FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.payout_attempt FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.refund FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.refund_decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.screen_hit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.signed_contract FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.statement_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.survey_response FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.task_comment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.touchpoint FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.touchpoint_key FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.touchpoint_void FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.training_result FOR EACH ROW EXECUTE FUNCTION refuse_change();

alter table adjustment enable row level security, force row level security;
create policy own_program on adjustment as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table api_key enable row level security, force row level security;
create policy own_program on api_key as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table app_user enable row level security, force row level security;
create policy own_program on app_user as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table asset enable row level security, force row level security;
create policy own_program on asset as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table asset_version enable row level security, force row level security;
create policy own_program on asset_version as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table attribution_policy enable row level security, force row level security;
create policy own_program on attribution_policy as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table attribution_window enable row level security, force row level security;
create policy own_program on attribution_window as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table brief enable row level security, force row level security;
create policy own_program on brief as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table channel enable row level security, force row level security;
create policy own_program on channel as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table click enable row level security, force row level security;
create policy own_program on click as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table command_input enable row level security, force row level security;
create policy own_program on command_input as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table commission enable row level security, force row level security;
create policy own_program on commission as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table commission_work enable row level security, force row level security;
create policy own_program on commission_work as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table consent_withdrawal enable row level security, force row level security;
create policy own_program on consent_withdrawal as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table content enable row level security, force row level security;
create policy own_program on content as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table content_round enable row level security, force row level security;
create policy own_program on content_round as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table contract enable row level security, force row level security;
create policy own_program on contract as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table contract_fact enable row level security, force row level security;
create policy own_program on contract_fact as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table contract_signature enable row level security, force row level security;
create policy own_program on contract_signature as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table contract_template enable row level security, force row level security;
create policy own_program on contract_template as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table contract_version enable row level security, force row level security;
create policy own_program on contract_version as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table conversion enable row level security, force row level security;
create policy own_program on conversion as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table conversion_state enable row level security, force row level security;
create policy own_program on conversion_state as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table coupon enable row level security, force row level security;
create policy own_program on coupon as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table credit enable row level security, force row level security;
create policy own_program on credit as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table delegation enable row level security, force row level security;
create policy own_program on delegation as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table document enable row level security, force row level security;
create policy own_program on document as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table evaluation enable row level security, force row level security;
create policy own_program on evaluation as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table event enable row level security, force row level security;
create policy own_program on event as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table event_seal enable row level security, force row level security;
create policy own_program on event_seal as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table event_sealed enable row level security, force row level security;
create policy own_program on event_sealed as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table event_unsealed enable row level security, force row level security;
create policy own_program on event_unsealed as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table feedback enable row level security, force row level security;
create policy own_program on feedback as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table feedback_message enable row level security, force row level security;
create policy own_program on feedback_message as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table forfeit enable row level security, force row level security;
create policy own_program on forfeit as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table fx_rate enable row level security, force row level security;
create policy own_program on fx_rate as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table fx_rate_history enable row level security, force row level security;
create policy own_program on fx_rate_history as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table history_archive enable row level security, force row level security;
create policy own_program on history_archive as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table hold enable row level security, force row level security;
create policy own_program on hold as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table id_reuse enable row level security, force row level security;
create policy own_program on id_reuse as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table idempotency_key enable row level security, force row level security;
create policy own_program on idempotency_key as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table identity enable row level security, force row level security;
create policy own_program on identity as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table identity_merge enable row level security, force row level security;
create policy own_program on identity_merge as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table identity_merge_undo enable row level security, force row level security;
create policy own_program on identity_merge_undo as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table import enable row level security, force row level security;
create policy own_program on import as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table import_chunk enable row level security, force row level security;
create policy own_program on import_chunk as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table import_error enable row level security, force row level security;
create policy own_program on import_error as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table import_error_chunk enable row level security, force row level security;
create policy own_program on import_error_chunk as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table import_journey enable row level security, force row level security;
create policy own_program on import_journey as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table intake_work enable row level security, force row level security;
create policy own_program on intake_work as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table invoice enable row level security, force row level security;
create policy own_program on invoice as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table invoice_counter enable row level security, force row level security;
create policy own_program on invoice_counter as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table ledger_entry enable row level security, force row level security;
create policy own_program on ledger_entry as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table ledger_posting enable row level security, force row level security;
create policy own_program on ledger_posting as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table link enable row level security, force row level security;
create policy own_program on link as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table mail_outbox enable row level security, force row level security;
create policy own_program on mail_outbox as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table market enable row level security, force row level security;
create policy own_program on market as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table membership enable row level security, force row level security;
create policy own_program on membership as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table partner enable row level security, force row level security;
create policy own_program on partner as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table partner_book enable row level security, force row level security;
create policy own_program on partner_book as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table partner_profile enable row level security, force row level security;
create policy own_program on partner_profile as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table partner_survey enable row level security, force row level security;
create policy own_program on partner_survey as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table payout enable row level security, force row level security;
create policy own_program on payout as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table payout_attempt enable row level security, force row level security;
create policy own_program on payout_attempt as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table payout_details enable row level security, force row level security;
create policy own_program on payout_details as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table person_conflict enable row level security, force row level security;
create policy own_program on person_conflict as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table policy_period enable row level security, force row level security;
create policy own_program on policy_period as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table program enable row level security, force row level security;
create policy own_program on program as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table program_clock enable row level security, force row level security;
create policy own_program on program_clock as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table prospect enable row level security, force row level security;
create policy own_program on prospect as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table refund enable row level security, force row level security;
create policy own_program on refund as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table refund_decision enable row level security, force row level security;
create policy own_program on refund_decision as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table screen_hit enable row level security, force row level security;
create policy own_program on screen_hit as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table session enable row level security, force row level security;
create policy own_program on session as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table sign_in_link enable row level security, force row level security;
create policy own_program on sign_in_link as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table signed_contract enable row level security, force row level security;
create policy own_program on signed_contract as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table site enable row level security, force row level security;
create policy own_program on site as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table statement enable row level security, force row level security;
create policy own_program on statement as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table statement_line enable row level security, force row level security;
create policy own_program on statement_line as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table study enable row level security, force row level security;
create policy own_program on study as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table study_line enable row level security, force row level security;
create policy own_program on study_line as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table survey enable row level security, force row level security;
create policy own_program on survey as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table survey_response enable row level security, force row level security;
create policy own_program on survey_response as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table task enable row level security, force row level security;
create policy own_program on task as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table task_comment enable row level security, force row level security;
create policy own_program on task_comment as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table touchpoint enable row level security, force row level security;
create policy own_program on touchpoint as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table touchpoint_key enable row level security, force row level security;
create policy own_program on touchpoint_key as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table touchpoint_void enable row level security, force row level security;
create policy own_program on touchpoint_void as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table training_module enable row level security, force row level security;
create policy own_program on training_module as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table training_result enable row level security, force row level security;
create policy own_program on training_result as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table waiting_click enable row level security, force row level security;
create policy own_program on waiting_click as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table webhook_delivery enable row level security, force row level security;
create policy own_program on webhook_delivery as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table webhook_endpoint enable row level security, force row level security;
create policy own_program on webhook_endpoint as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table work_set_aside enable row level security, force row level security;
create policy own_program on work_set_aside as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));
alter table workflow_run enable row level security, force row level security;
create policy own_program on workflow_run as permissive for all to public using ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting))) with check ((program_id = ( SELECT current_setting('tandem.program_id'::text, true) AS current_setting)));

grant delete, insert, select, update on adjustment to tandem_app;
grant delete, insert, select, update on api_key to tandem_app;
grant delete, insert, select, update on app_user to tandem_app;
grant delete, insert, select, update on asset to tandem_app;
grant insert, select on asset_version to tandem_app;
grant delete, insert, select, update on attribution_policy to tandem_app;
grant delete, insert, select, update on attribution_window to tandem_app;
grant delete, insert, select, update on brief to tandem_app;
grant delete, insert, select, update on channel to tandem_app;
grant insert, select on click to tandem_app;
grant insert, select on command_input to tandem_app;
grant insert, select on commission to tandem_app;
grant delete, insert, select, update on commission_work to tandem_app;
grant insert, select on consent_withdrawal to tandem_app;
grant delete, insert, select, update on content to tandem_app;
grant delete, insert, select, update on content_round to tandem_app;
grant delete, insert, select, update on contract to tandem_app;
grant insert, select on contract_fact to tandem_app;
grant insert, select on contract_signature to tandem_app;
grant delete, insert, select, update on contract_template to tandem_app;
grant insert, select on contract_version to tandem_app;
grant insert, select on conversion to tandem_app;
grant delete, insert, select, update on conversion_state to tandem_app;
grant insert, select on coupon to tandem_app;
grant insert, select on credit to tandem_app;
grant delete, insert, select, update on delegation to tandem_app;
grant insert, select on document to tandem_app;
grant delete, insert, select, update on evaluation to tandem_app;
grant insert, select on event to tandem_app;
grant insert, select on event_seal to tandem_app;
grant insert, select on event_sealed to tandem_app;
grant delete, insert, select, update on event_unsealed to tandem_app;
grant delete, insert, select, update on feedback to tandem_app;
grant insert, select on feedback_message to tandem_app;
grant delete, insert, select, update on forfeit to tandem_app;
grant delete, insert, select, update on fx_rate to tandem_app;
grant insert, select on fx_rate_history to tandem_app;
grant insert, select on history_archive to tandem_app;
grant delete, insert, select, update on hold to tandem_app;
grant insert, select on id_reuse to tandem_app;
grant delete, insert, select, update on idempotency_key to tandem_app;
grant delete, insert, select, update on identity to tandem_app;
grant insert, select on identity_merge to tandem_app;
grant insert, select on identity_merge_undo to tandem_app;
grant delete, insert, select, update on import to tandem_app;
grant delete, insert, select, update on import_chunk to tandem_app;
grant insert, select on import_error to tandem_app;
grant insert, select on import_error_chunk to tandem_app;
grant insert, select on import_journey to tandem_app;
grant delete, insert, select, update on intake_work to tandem_app;
grant insert, select on invoice to tandem_app;
grant delete, insert, select, update on invoice_counter to tandem_app;
grant insert, select on ledger_entry to tandem_app;
grant insert, select on ledger_posting to tandem_app;
grant insert, select on link to tandem_app;
grant insert, select on link_code to tandem_app;
grant delete, insert, select, update on mail_outbox to tandem_app;
grant delete, insert, select, update on market to tandem_app;
grant delete, insert, select, update on membership to tandem_app;
grant delete, insert, select, update on partner to tandem_app;
grant delete, insert, select, update on partner_book to tandem_app;
grant delete, insert, select, update on partner_profile to tandem_app;
grant delete, insert, select, update on partner_survey to tandem_app;
grant delete, insert, select, update on payout to tandem_app;
grant insert, select on payout_attempt to tandem_app;
grant delete, insert, select, update on payout_details to tandem_app;
grant delete, insert, select, update on person_conflict to tandem_app;
grant delete, insert, select, update on policy_period to tandem_app;
grant delete, insert, select, update on program to tandem_app;
grant delete, insert, select, update on program_clock to tandem_app;
grant insert, select on program_directory to tandem_app;
grant delete, insert, select, update on prospect to tandem_app;
grant delete, insert, select, update on rate_limit to tandem_app;
grant insert, select on refund to tandem_app;
grant insert, select on refund_decision to tandem_app;
grant insert, select on screen_hit to tandem_app;
grant delete, insert, select, update on session to tandem_app;
grant delete, insert, select, update on sign_in_link to tandem_app;
grant insert, select on signed_contract to tandem_app;
grant delete, insert, select, update on site to tandem_app;
grant delete, insert, select, update on statement to tandem_app;
grant insert, select on statement_line to tandem_app;
grant delete, insert, select, update on study to tandem_app;
grant delete, insert, select, update on study_line to tandem_app;
grant delete, insert, select, update on survey to tandem_app;
grant insert, select on survey_response to tandem_app;
grant delete, insert, select, update on task to tandem_app;
grant insert, select on task_comment to tandem_app;
grant insert, select on touchpoint to tandem_app;
grant insert, select on touchpoint_key to tandem_app;
grant insert, select on touchpoint_void to tandem_app;
grant delete, insert, select, update on training_module to tandem_app;
grant insert, select on training_result to tandem_app;
grant delete, insert, select, update on waiting_click to tandem_app;
grant delete, insert, select, update on webhook_delivery to tandem_app;
grant delete, insert, select, update on webhook_endpoint to tandem_app;
grant delete, insert, select, update on work_set_aside to tandem_app;
grant delete, insert, select, update on workflow_run to tandem_app;
