import { taskKind, TASK_KIND_NAMES } from '../../domain/task/kinds.ts';
import { findTaskView, listTaskComments, listTaskViews } from '../../db/queries/task-read.ts';
import { caller, ownPartner, partnerFilter, reading } from '../caller.ts';
import { complete, itemCommandId } from '../complete-task.ts';
import { pageOf } from '../contracts/answer.ts';
import { bulkCompletion, bulkResult, completion, task, taskDetail, taskQuery } from '../contracts/task.ts';
import { z } from 'zod';
import { afterCursor, toPage } from '../page.ts';
import { rolesOf } from '../principal.ts';
import { toProblem } from '../problem.ts';
import { DECIDERS, EVERYBODY, READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';
import type { Call } from '../route.ts';

export const TASK_ROUTES = [
  route({
    id: 'tasks.list',
    method: 'get',
    path: '/v1/tasks',
    tag: 'Tasks',
    summary: 'Tasks of both sides; a partner sees its own',
    roles: READERS_AND_PARTNER,
    query: taskQuery,
    answer: { status: 200, schema: pageOf(task) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, assignee, overdue, partnerId, ...filter } = call.query;
        const rows = await listTaskViews(tx, {
          ...filter,
          ...assigneeFilter(call, assignee),
          partnerId: partnerFilter(call, partnerId),
          overdue: overdue === undefined ? undefined : overdue === 'true',
          afterId: afterCursor({ limit, cursor }),
          limit: limit + 1,
        });
        return ok(
          toPage(
            rows,
            limit,
            ({ id }) => id,
            (row) => row,
          ),
        );
      }),
  }),
  route({
    id: 'tasks.get',
    method: 'get',
    path: '/v1/tasks/{id}',
    tag: 'Tasks',
    summary: 'One task with its comments',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'task', param: 'id' },
    answer: { status: 200, schema: taskDetail },
    handle: (call) =>
      reading(call, async (tx) => {
        const comments = ownPartner(call) === undefined ? await listTaskComments(tx, call.params.id) : [];
        return ok({ ...(await findTaskView(tx, call.params.id)), comments });
      }),
  }),
  route({
    id: 'tasks.complete',
    method: 'post',
    path: '/v1/tasks/{id}/complete',
    tag: 'Tasks',
    summary: 'Decides a task',
    // Everybody is let in as far as the task, whose own rule then says who may.
    roles: EVERYBODY,
    subject: { kind: 'task', param: 'id' },
    body: completion,
    answer: { status: 200, schema: z.object({ task }) },
    handle: async (call) => ok({ task: await complete(call, call.params.id, call.body) }),
  }),
  route({
    id: 'tasks.complete-many',
    method: 'post',
    path: '/v1/tasks/complete',
    tag: 'Tasks',
    summary: 'Decides several tasks; each has its own result',
    roles: DECIDERS,
    body: bulkCompletion,
    answer: { status: 200, schema: bulkResult },
    handle: async (call) => {
      const results = [];
      for (const { taskId, ...item } of call.body.items) results.push(await completeOne(call, taskId, item));
      return ok({ results });
    },
  }),
];

async function completeOne(call: Call<unknown, unknown, unknown>, taskId: string, item: z.output<typeof completion>) {
  try {
    return { taskId, status: 200, task: await complete(call, taskId, item, itemCommandId(call.commandId, taskId)) };
  } catch (error) {
    const { status, body } = toProblem(error, call.requestId);
    // What is not known yet must not be kept as the answer: the same key asks again.
    if (status >= 500) throw error;
    return { taskId, status, problem: body };
  }
}

function assigneeFilter(call: Call<unknown, unknown, unknown>, assignee: 'me' | 'role' | undefined) {
  const principal = caller(call);
  if (assignee === 'me') return { assigneeId: principal.kind === 'person' ? principal.personId : '' };
  if (assignee === undefined) return {};
  const roles = rolesOf(principal);
  const isMine = (kind: (typeof TASK_KIND_NAMES)[number]) =>
    (taskKind(kind).alsoRoles ?? []).some((role) => roles.includes(role));
  return { roles: [...roles, ...TASK_KIND_NAMES.filter(isMine).map((kind) => taskKind(kind).turn)] };
}
