-- Why: a click that a redirect answered waits in its journal while PostgreSQL is away, and a conversion that carries its id may be stored before
-- it. Who named the click is kept until the click comes, and is merged with its visitor then. A click takes the rows that waited for it away.
create table waiting_click (
  program_id text not null,
  click_id text not null,
  -- Of the customer who named it.
  identity_id text not null,
  -- The event that named it, as in the log of merges.
  cause text not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  primary key (program_id, click_id, identity_id)
);
select protect_tenant_table('waiting_click');
