-- Whether a hold covers a commission is asked for every row of a list and of a statement: by commission, by conversion, and for all of a partner.
create index hold_by_commission on hold (program_id, commission_id) where ended_at is null and commission_id is not null;
create index hold_by_conversion on hold (program_id, conversion_id) where ended_at is null and conversion_id is not null;
create index hold_on_partner on hold (program_id, partner_id) where ended_at is null and commission_id is null and conversion_id is null;
