import { sleep, workflowInfo } from '@temporalio/workflow';
import { createTaskDesk, emptyTaskDesk } from '../../../workflows/human-task.ts';
import type { TaskAnswer, TaskQuestion } from '../../../workflows/human-task.ts';

/** A flow of one gate: asks, and ends with the answer, or without one when the time is over. */
export async function oneGate(input: {
  programId: string;
  question: TaskQuestion;
  withinMs: number;
}): Promise<TaskAnswer | null> {
  const desk = createTaskDesk(emptyTaskDesk(), {
    programId: input.programId,
    workflowId: workflowInfo().workflowId,
    partnerId: input.question.partnerId,
  });
  return Promise.race([desk.ask(input.question), sleep(input.withinMs).then(() => null)]);
}
