-- Why: a study reads one sealed instant and the policy of that instant, so that repeated it says the same; what late evidence moves is kept
-- apart from what the rule moves; and how far it has come can be read.

alter table study
  -- The policy as it was studied: a draft may change afterwards.
  add column policy jsonb,
  add column repeat_of text,
  -- SHA-256 over the lines in their order, in hex.
  add column digest text,
  add column started_at timestamptz,
  add column pricing_at timestamptz;
create index study_by_cut on study (program_id, cut_at) where cut_at is not null;

-- What the rule in force gives on all evidence before the cut; null: the same as before.
alter table study_line
  add column share_evidence_e12 bigint,
  add column value_evidence_minor bigint,
  add column commission_evidence_minor bigint;
