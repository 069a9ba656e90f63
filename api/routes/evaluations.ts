import { DomainError } from '../../domain/errors.ts';
import { progressOf } from '../../domain/attribution/progress.ts';
import { getEvaluation } from '../../db/queries/evaluation.ts';
import type { EvaluationState } from '../../db/queries/evaluation.ts';
import { readEvaluationStep } from '../../db/queries/evaluation-progress.ts';
import type { Tx } from '../../db/transaction.ts';
import { cancelReevaluation } from '../../workflows/messages.ts';
import { reading } from '../caller.ts';
import { command } from '../command.ts';
import { noBody } from '../contracts/program.ts';
import { evaluation } from '../contracts/study.ts';
import { isRepeated } from '../repeated.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { readSinceApproval } from '../since-approval.ts';

export const EVALUATION_ROUTES = [
  route({
    id: 'evaluations.get',
    method: 'get',
    path: '/v1/attribution/evaluations/{id}',
    tag: 'Attribution',
    summary: 'How far a re-evaluation has come, with the study at its cut and how that differs from the approved one',
    roles: READERS,
    subject: { kind: 'evaluation', param: 'id' },
    answer: { status: 200, schema: evaluation },
    handle: (call) => reading(call, async (tx) => ok(await readEvaluation(tx, call.params.id))),
  }),
  route({
    id: 'evaluations.cancel',
    method: 'post',
    path: '/v1/attribution/evaluations/{id}/cancel',
    tag: 'Attribution',
    summary: 'Cancels a re-evaluation before anything was posted, also while it is under way',
    roles: [...MANAGERS, 'finance'],
    subject: { kind: 'evaluation', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: evaluation },
    handle: async (call) => {
      const { id } = call.params;
      await reading(call, async (tx) => {
        const { state } = await getEvaluation(tx, id);
        if (state === 'queued' || state === 'running' || (await isRepeated(tx, call))) return;
        throw await tooLate(tx, id);
      });
      await command(call, {
        update: cancelReevaluation,
        workflowId: `reevaluation/${id}`,
        payload: {},
        input: { kind: 'evaluation.cancel', subjectId: id, data: {} },
      });
      return ok(await reading(call, (tx) => readEvaluation(tx, id)));
    },
  }),
];

async function readEvaluation(tx: Tx, id: string) {
  const evaluation = await getEvaluation(tx, id);
  const { fromAt, toAt, ...found } = evaluation;
  const { phase, done, total, elapsedMs } = await readEvaluationStep(tx, id);
  return {
    ...found,
    state: shownState(found.state),
    from: fromAt,
    to: toAt,
    progress: { phase, ...progressOf(done, total, elapsedMs) },
    sinceApproval: await readSinceApproval(tx, evaluation),
  };
}

/** One that is carried out is still at work until all is posted. */
function shownState(state: EvaluationState): Exclude<EvaluationState, 'executed'> {
  return state === 'executed' ? 'running' : state;
}

/** Says what happened already. */
async function tooLate(tx: Tx, id: string): Promise<DomainError> {
  const { state, executedAt } = await getEvaluation(tx, id);
  if (executedAt === null)
    return new DomainError('illegal-transition', `This re-evaluation is ${state}; there is nothing to cancel.`, {
      state,
    });
  const { done, total } = await readEvaluationStep(tx, id);
  const posted = state === 'executed' ? `${done} of ${total} differences are posted` : 'all differences are posted';
  return new DomainError(
    'illegal-transition',
    `This re-evaluation was carried out at ${executedAt} and ${posted}; only another one can correct it.`,
    { state: shownState(state), executedAt },
  );
}
