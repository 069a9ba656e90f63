import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readRoles } from '../../db/queries/person-roles.ts';
import { lockTask } from '../../db/queries/task.ts';
import type { TaskRow } from '../../db/queries/task.ts';
import {
  assignTask,
  claimTask,
  findTaskView,
  insertTaskComment,
  listTaskComments,
} from '../../db/queries/task-read.ts';
import type { Tx } from '../../db/transaction.ts';
import { caller, writing } from '../caller.ts';
import { assignment, comment, task, taskDetail } from '../contracts/task.ts';
import { noBody } from '../contracts/program.ts';
import { actorOf } from '../principal.ts';
import { DECIDERS, MANAGERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { assertMayDecide } from '../task-authority.ts';
import { refusedFields } from '../validate.ts';

const TEAM = DECIDERS.filter((role) => role !== 'partner');

/** Who works on a task, and what they say about it; the decision itself goes through the task's workflow. */
export const TASK_DESK_ROUTES = [
  route({
    id: 'tasks.claim',
    method: 'post',
    path: '/v1/tasks/{id}/claim',
    tag: 'Tasks',
    summary: 'Takes a task that nobody else has',
    roles: TEAM,
    subject: { kind: 'task', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: task },
    handle: (call) =>
      writing(call, async (tx) => {
        const found = await openTask(tx, call.params.id);
        await assertMayDecide(tx, caller(call), found, new Date().toISOString());
        if (!(await claimTask(tx, found.id, personOf(call)))) {
          throw new DomainError('conflict', 'Somebody else has this task; ask them to release it.', {
            assignee: found.assigneeId,
          });
        }
        return noted(tx, call, found, personOf(call));
      }),
  }),
  route({
    id: 'tasks.release',
    method: 'post',
    path: '/v1/tasks/{id}/release',
    tag: 'Tasks',
    summary: 'Gives a task back to its role',
    roles: TEAM,
    subject: { kind: 'task', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: task },
    handle: (call) =>
      writing(call, async (tx) => {
        const found = await openTask(tx, call.params.id);
        const principal = caller(call);
        const isManager = principal.kind === 'person' && principal.roles.some((role) => MANAGERS.includes(role));
        if (found.assigneeId !== personOf(call) && !isManager) {
          throw new DomainError('forbidden', 'Only the person who has the task, or a manager, gives it back.');
        }
        await assignTask(tx, found.id, null);
        return noted(tx, call, found, null);
      }),
  }),
  route({
    id: 'tasks.assign',
    method: 'post',
    path: '/v1/tasks/{id}/assign',
    tag: 'Tasks',
    summary: 'Gives a task to a person who may decide it',
    roles: TEAM,
    subject: { kind: 'task', param: 'id' },
    body: assignment,
    answer: { status: 200, schema: task },
    handle: (call) =>
      writing(call, async (tx) => {
        const found = await openTask(tx, call.params.id);
        const { personId } = call.body;
        const person = await readRoles(tx, personId);
        if (!person) throw refusedFields([{ path: 'personId', message: `There is no active person ${personId}.` }]);
        const asTheirs = { kind: 'person' as const, programId: tx.programId, personId, ...person };
        try {
          await assertMayDecide(tx, asTheirs, found, new Date().toISOString());
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          throw refusedFields([{ path: 'personId', message: error.message }]);
        }
        await assignTask(tx, found.id, personId);
        return noted(tx, call, found, personId);
      }),
  }),
  route({
    id: 'tasks.comment',
    method: 'post',
    path: '/v1/tasks/{id}/comments',
    tag: 'Tasks',
    summary: 'Adds a comment that the team sees',
    roles: TEAM,
    subject: { kind: 'task', param: 'id' },
    body: comment,
    answer: { status: 201, schema: taskDetail },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        const commentId = idFromSuffix('comment', call.seed);
        await insertTaskComment(tx, { id: commentId, taskId: id, authorId: personOf(call), text: call.body.text });
        return created({ ...(await findTaskView(tx, id)), comments: await listTaskComments(tx, id) });
      }),
  }),
];

async function openTask(tx: Tx, id: string): Promise<TaskRow> {
  const found = (await lockTask(tx, id))!;
  if (found.state === 'open') return found;
  throw new DomainError('task-closed', `This task is ${found.state}.`);
}

function personOf(call: Call<unknown, unknown, unknown>): string {
  const principal = caller(call);
  if (principal.kind === 'person') return principal.personId;
  throw new DomainError('forbidden', 'A task belongs to a person; this key acts for none.');
}

async function noted(tx: Tx, call: Call<unknown, unknown, unknown>, found: TaskRow, to: string | null) {
  await recordEvent(tx, {
    kind: 'task.assigned',
    actor: actorOf(caller(call)),
    subject: { type: 'task', id: found.id },
    partnerId: found.partnerId,
    data: { kind: found.kind, to: to ?? found.role },
    at: new Date().toISOString(),
  });
  return ok(await findTaskView(tx, found.id));
}
