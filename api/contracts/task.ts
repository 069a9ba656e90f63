import { z } from 'zod';
import { TASK_KIND_NAMES } from '../../domain/task/kinds.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant } from './answer.ts';
import { id, text } from './value.ts';

export const completion = z.strictObject({
  outcome: z.string().min(1).max(50),
  reason: text(5_000).optional().describe('Demanded for each negative outcome.'),
  data: z.looseObject({}).optional().describe('The form of the outcome; see the kinds of tasks.'),
});

export const bulkCompletion = z.strictObject({
  items: z
    .array(completion.extend({ taskId: id }))
    .min(1)
    .max(200),
});

export const assignment = z.strictObject({ personId: id });
export const comment = z.strictObject({ text: text(5_000) });

export const taskQuery = pageQuery.extend({
  state: z.enum(['open', 'done', 'expired', 'cancelled']).optional(),
  kind: z.enum(TASK_KIND_NAMES as [string, ...string[]]).optional(),
  partnerId: id.optional(),
  subjectId: id.optional(),
  assignee: z.enum(['me', 'role']).optional().describe('Tasks given to me, or tasks that my roles may decide.'),
  overdue: z.enum(['true', 'false']).optional(),
});

export const actor = shown({ kind: z.string(), id: z.string().optional() });

export const task = shown({
  id: z.string(),
  kind: z.string(),
  partnerId: z.string().nullable(),
  subject: z.object({ type: z.string(), id: z.string() }),
  outcomes: z.array(z.string()),
  role: z.string(),
  assignee: z.string().nullable(),
  openedAt: shownInstant,
  dueAt: shownInstant.nullable(),
  remindedAt: shownInstant.nullable(),
  escalatedAt: shownInstant.nullable(),
  data: z.looseObject({}),
  state: z.enum(['open', 'done', 'expired', 'cancelled']),
  decision: shown({
    outcome: z.string(),
    by: actor,
    at: shownInstant,
    reason: z.string().nullable(),
  }).nullable(),
}).meta({ id: 'Task' });

export const taskDetail = task.extend({
  comments: z.array(shown({ id: z.string(), authorId: z.string(), text: z.string(), at: shownInstant })),
});

export const bulkResult = z.object({
  results: z.array(
    z.object({
      taskId: z.string(),
      status: z.number().int(),
      task: task.optional(),
      problem: z.looseObject({}).optional(),
    }),
  ),
});
