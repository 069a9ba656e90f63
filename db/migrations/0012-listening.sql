-- Why: what partners and customers tell us, and what became of it: cases, surveys, briefs, prospects.

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
  appealed_at timestamptz,
  due_at timestamptz,
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (program_id, id),
  foreign key (program_id, partner_id) references partner (program_id, id),
  constraint feedback_kind_is_known check (kind in ('attribution', 'payment', 'content', 'idea')),
  constraint feedback_state_is_known check (state in (
    'open', 'waiting-for-information', 'correcting', 'policy-review', 'answered', 'declined', 'appealed', 'closed'
  ))
);
create index feedback_by_partner on feedback (program_id, partner_id);
create index feedback_by_policy on feedback (program_id, policy_id) where policy_id is not null;
select protect_tenant_table('feedback');

create table feedback_message (
  program_id text not null,
  id text not null,
  feedback_id text not null,
  author_kind text not null,
  author_id text not null,
  text text not null,
  evidence jsonb,
  -- The step that brought it: repeated, it is not written again.
  cause text not null,
  at timestamptz not null,
  primary key (program_id, id),
  foreign key (program_id, feedback_id) references feedback (program_id, id),
  constraint feedback_message_is_written_once unique (program_id, feedback_id, cause)
);
select protect_insert_only('feedback_message');

create table survey (
  program_id text not null references program,
  id text not null,
  title text not null,
  questions jsonb not null,
  state text not null default 'open',
  link_hash text not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  closes_at timestamptz,
  primary key (program_id, id),
  constraint survey_state_is_known check (state in ('open', 'closed'))
);
select protect_tenant_table('survey');

create table survey_response (
  program_id text not null,
  id text not null,
  survey_id text not null,
  answers jsonb not null,
  language text,
  at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  foreign key (program_id, survey_id) references survey (program_id, id)
);
select protect_insert_only('survey_response');

create table brief (
  program_id text not null references program,
  id text not null,
  name text not null,
  weights jsonb not null,
  evidence jsonb not null default '{}',
  survey_id text,
  state text not null default 'draft',
  workflow_id text,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  approved_by text,
  approved_at timestamptz,
  primary key (program_id, id),
  constraint brief_state_is_known check (state in ('draft', 'submitted', 'active', 'rejected', 'replaced'))
);
create unique index one_brief_is_active on brief (program_id) where state = 'active';
select protect_tenant_table('brief');

create table prospect (
  program_id text not null references program,
  id text not null,
  name text not null,
  email text,
  type text not null,
  country char(2) not null,
  channels text[] not null default '{}',
  verticals text[] not null default '{}',
  partner_id text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id)
);
select protect_tenant_table('prospect');
