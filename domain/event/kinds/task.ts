import type { EventTexts } from '../kind.ts';

export const TASK_EVENTS = {
  'task.opened': 'A task "{kind}" was opened for {role}.',
  'task.reminded': '{role} was reminded of the task "{kind}".',
  'task.escalated': 'The task "{kind}" waited too long; those above {role} were told.',
  'task.assigned': '{actor} gave the task "{kind}" to {to}.',
  'task.decided': '{actor} decided the task "{kind}": {outcome}.',
  'task.expired': 'Nobody decided the task "{kind}" in time; it expired.',
  'task.cancelled': 'The task "{kind}" was no longer needed.',
} as const satisfies EventTexts;
