import { allHandlersFinished, condition, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Actor } from '../domain/actor.ts';
import type { TaskKind } from '../domain/task/kinds.ts';
import { record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import type { TaskAnswer } from './human-task.ts';
import { requestApproval } from './messages.ts';
import type { RequestApproval } from './messages.ts';
import { now } from './pause.ts';
import { thrownCause } from './thrown.ts';
import { showStage } from './waiting.ts';

export interface ApprovalInput {
  programId: string;
  subjectType: RequestApproval['subjectType'];
  subjectId: string;
  /** Set where no person asked: a hold that a screen placed, a mail that was refused. */
  isRequested?: boolean;
}

/** Who asked, and under which id lies what they want. */
interface Asked {
  by: Actor | null;
  commandId?: string;
  partnerId?: string;
  isRefused: boolean;
}

const KINDS = {
  brief: 'brief.approval',
  adjustment: 'adjustment.approval',
  setting: 'setting.approval',
  hold: 'hold.review',
  mail: 'mail.undeliverable',
  work: 'reconciliation.difference',
} as const satisfies Record<RequestApproval['subjectType'], TaskKind>;

/** Pauses between looks whether a confirmed hold's money is taken back. */
const CAUGHT_UP_PAUSES = ['1 second', '5 seconds', '30 seconds', '5 minutes'] as const;

/** One decision about one thing: asked, decided by another person than the one who asked, carried out. */
export async function approval(input: ApprovalInput): Promise<string> {
  const { programId, subjectType, subjectId } = input;
  const subject = { type: subjectType, id: subjectId };
  const scope = { programId, workflowId: workflowInfo().workflowId };
  const desk = createTaskDesk(emptyTaskDesk(), scope);
  const asked: Asked = { by: null, isRefused: false };
  setHandler(requestApproval, async ({ commandId, actor }) => {
    try {
      asked.partnerId = (
        await record.prepareApproval({ programId, subjectType, subjectId, commandId, actor, at: now() })
      ).partnerId;
      asked.commandId = commandId;
      asked.by = actor;
    } catch (error) {
      asked.isRefused = true;
      throw thrownCause(error);
    }
    const first = () => desk.state.open[0] ?? desk.state.closed[0];
    await condition(() => first() !== undefined);
    return { taskId: first()!.taskId };
  });
  if (input.isRequested) {
    asked.partnerId = (
      await record.prepareApproval({ programId, subjectType, subjectId, actor: { kind: 'system' }, at: now() })
    ).partnerId;
    asked.by = { kind: 'system' };
  }
  await condition(() => asked.by !== null || asked.isRefused);
  if (asked.by === null) return 'refused';

  const { partnerId } = asked;
  await record.noteRun({ programId, partnerId, subject });
  showStage({ programId, partnerId }, 'approval');
  const answer = await desk.ask({
    key: 'decision',
    kind: KINDS[subjectType],
    partnerId,
    subject,
    requestedBy: asked.by,
    data: asked.commandId === undefined ? {} : { requestId: asked.commandId },
  });
  await carryOut(input, answer, asked.commandId);
  await condition(allHandlersFinished);
  return answer.outcome;
}

/** What the decision does; repeated after a crash, each finds its work done. */
async function carryOut(
  { programId, subjectType, subjectId }: ApprovalInput,
  answer: TaskAnswer,
  requestId?: string,
): Promise<void> {
  const decision = { programId, subjectId, outcome: answer.outcome, taskId: answer.taskId, by: answer.by, at: now() };
  switch (subjectType) {
    case 'brief':
      await record.decideBrief(decision);
      if (answer.outcome === 'approve') await record.announceBrief({ programId, briefId: subjectId });
      return;
    case 'adjustment':
      return record.decideAdjustment(decision);
    case 'setting':
      return record.decideSetting({ ...decision, requestId });
    case 'hold':
      return endHold(decision);
    case 'mail':
      return record.settleRefusedMail(decision);
    case 'work':
      return record.settleSetAsideWork(decision);
  }
}

/** A lifted hold frees the money; a confirmed one stands until the books have taken the money back. */
async function endHold(decision: Parameters<typeof record.endHold>[0]): Promise<void> {
  const { programId } = decision;
  if (decision.outcome === 'confirm') {
    const { through } = await record.confirmHold(decision);
    for (let look = 0; !(await record.isCaughtUp({ programId, through })); look += 1) {
      await sleep(CAUGHT_UP_PAUSES[Math.min(look, CAUGHT_UP_PAUSES.length - 1)]!);
    }
  }
  const { partnerId } = await record.endHold({ ...decision, at: now() });
  await record.wakeMoney({ programId, partnerId });
}
