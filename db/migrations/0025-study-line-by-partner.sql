-- Why: a window with a cap or tiers is priced as a whole, so its lines are looked for by partner; and the lines without a price, partner by partner.
create index study_line_by_partner on study_line (program_id, study_id, beneficiary_id, conversion_id) where beneficiary_kind = 'partner';
