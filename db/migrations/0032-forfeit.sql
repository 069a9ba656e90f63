-- Why: a confirmed hold takes back what a partner has of a sale, and goodwill that was given for it too. Goodwill follows no credit, so the
-- books keep which sales a partner forfeited: none is given for them from then on, whatever evaluation comes.
create table forfeit (
  program_id text not null,
  partner_id text not null,
  conversion_id text not null,
  -- The hold that was confirmed.
  hold_id text not null,
  received_at timestamptz not null,
  primary key (program_id, partner_id, conversion_id)
);
select protect_tenant_table('forfeit');
