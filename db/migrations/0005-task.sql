-- Why: one mechanism for every gate. The workflow owns the waiting; this is what people see, and the decision that stands.

create table task (
  program_id text not null references program,
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
  excluded_persons text[] not null default '{}',
  outcomes text[] not null,
  data jsonb not null,
  state text not null default 'open',
  opened_at timestamptz not null,
  due_at timestamptz,
  reminded_at timestamptz,
  escalated_at timestamptz,
  outcome text,
  reason text,
  decided_by_kind text,
  decided_by text,
  decided_for text,
  decided_at timestamptz,
  decision_id text,
  decision_data jsonb,
  primary key (program_id, id),
  constraint task_is_opened_once unique (program_id, workflow_id, workflow_key),
  constraint task_decision_is_unique unique (program_id, decision_id),
  constraint task_state_is_known check (state in ('open', 'done', 'expired', 'cancelled')),
  constraint task_decided_with_its_outcome check ((state = 'done') = (decided_by is not null and outcome is not null)),
  constraint task_outcome_is_allowed check (outcome is null or outcome = any (outcomes))
);
create index task_open_by_role on task (program_id, role, due_at) where state = 'open';
create index task_by_partner on task (program_id, partner_id, state);
create index task_by_subject on task (program_id, subject_type, subject_id);
select protect_tenant_table('task');

-- What a person sent with a command, stored before the workflow hears of it, so that no personal data and no free text travels in a payload.
-- The id is the update's id. Without effect until the workflow's activity carries the command out.
create table command_input (
  program_id text not null references program,
  id text not null,
  kind text not null,
  subject_id text not null,
  data jsonb not null,
  by_kind text not null,
  by_id text,
  received_at timestamptz not null default clock_timestamp(),
  primary key (program_id, id)
);
select protect_insert_only('command_input');

create table task_comment (
  program_id text not null,
  id text not null,
  task_id text not null,
  author_id text not null,
  text text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (program_id, id),
  foreign key (program_id, task_id) references task (program_id, id)
);
select protect_insert_only('task_comment');
