-- An id of a partner belongs to one program: the program in front of it told nothing and cost 31 bytes and a comparison at each step down.
drop index credit_by_partner;
create index credit_by_partner on credit (beneficiary_id, conversion_at) where beneficiary_kind = 'partner';
