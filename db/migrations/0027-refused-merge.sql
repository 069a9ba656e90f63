-- Why: two ids that were not joined, because together they were too many for one person, may be named again once an undo has made room. The
-- log then keeps both lines: the refusal, and the merge. Each is noted once.
alter table identity_merge
  drop constraint identity_merge_is_noted_once,
  add constraint identity_merge_is_noted_once unique nulls not distinct (program_id, a_id, b_id, refused_reason);
