import type { MailTemplate } from '../domain/mail/template.ts';
import type { Role } from '../domain/task/kinds.ts';
import { rolesThatDecide } from '../domain/task/authority.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { findAddressee, listPeopleOfRoles, partnerAddressee, partnerOwner } from '../db/queries/task-audience.ts';
import type { Addressee } from '../db/queries/task-audience.ts';
import type { TaskRow } from '../db/queries/task.ts';
import type { Tx } from '../db/transaction.ts';

/** Roles that are told when a task is escalated: whoever runs the programme. */
const ABOVE = ['owner', 'partner_manager'];

/** Queues a mail about a task to whoever may decide it: the partner, the assignee, else the role in the partner's market. */
export async function mailAboutTask(
  tx: Tx,
  task: TaskRow,
  mail: { template: 'task-opened' | 'task-reminder'; cause: string; at: string },
): Promise<void> {
  for (const to of await deciders(tx, task, mail.at)) await queueTaskMail(tx, task, to, mail);
}

/** Tells those above, once per task. */
export async function mailEscalation(tx: Tx, task: TaskRow, at: string): Promise<void> {
  const mail = { template: 'task-escalated' as const, cause: 'escalated', at };
  for (const to of await listPeopleOfRoles(tx, ABOVE, await marketOf(tx, task)))
    await queueTaskMail(tx, task, to, mail);
}

async function queueTaskMail(
  tx: Tx,
  task: TaskRow,
  to: Addressee,
  mail: { template: MailTemplate; cause: string },
): Promise<void> {
  await queueMail(tx, {
    key: `task/${task.id}/${mail.cause}/${to.id}`,
    template: mail.template,
    language: to.language,
    to: { name: to.name, address: to.address },
    data: { taskId: task.id, kind: task.kind, dueAt: task.dueAt, partnerId: task.partnerId },
    partnerId: task.role === 'partner' ? task.partnerId : null,
  });
}

async function deciders(tx: Tx, task: TaskRow, at: string): Promise<Addressee[]> {
  if (task.role === 'partner') {
    const partner = task.partnerId === null ? undefined : await partnerAddressee(tx, task.partnerId, at);
    return partner ? [partner] : [];
  }
  const assignee = task.assigneeId === null ? undefined : await findAddressee(tx, task.assigneeId);
  if (assignee) return [assignee];
  const roles = rolesThatDecide({ kind: task.kind, role: task.role as Role });
  const people = await listPeopleOfRoles(tx, roles, await marketOf(tx, task));
  const barred = [...task.excludedPersons, task.requestedBy];
  return people.filter(({ id }) => !barred.includes(id));
}

async function marketOf(tx: Tx, task: TaskRow): Promise<string | null> {
  return task.partnerId === null ? null : ((await partnerOwner(tx, task.partnerId))?.marketCode ?? null);
}
