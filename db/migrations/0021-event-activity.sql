-- Why: a line of the record names the activity that wrote it, so that the event of the workflow's history can be found from the line.
-- The number of that event is not known while the activity runs, and the record is insert-only: so `workflow_event_id` is never written, and
-- stays only until no release that reads it is in use.

alter table event add column activity_id text;
comment on column event.activity_id is 'Of the run in run_id; its ActivityTaskScheduled event carries it. Null where no activity wrote the line.';
comment on column event.workflow_event_id is 'Never written: the number is found in the history at read time.';
