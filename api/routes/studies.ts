import { DomainError } from '../../domain/errors.ts';
import { SHARES } from '../../domain/attribution/shares.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { getPolicy } from '../../db/queries/policy-version.ts';
import { getEvaluation } from '../../db/queries/evaluation.ts';
import { getStudy, insertStudy, listStudies } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { sumStudyLines } from '../../db/queries/study-line.ts';
import type { StudySum } from '../../db/queries/study-line.ts';
import type { Tx } from '../../db/transaction.ts';
import { cancelReevaluation } from '../../workflows/messages.ts';
import { caller, reading, writing } from '../caller.ts';
import { command, refusalOf } from '../command.ts';
import { listOf } from '../contracts/answer.ts';
import { evaluation, newStudy, study, studyDetail } from '../contracts/attribution.ts';
import { noBody } from '../contracts/program.ts';
import { actorId } from '../principal.ts';
import { isRepeated } from '../repeated.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { accepted, ok, route } from '../route.ts';
import type { Call } from '../route.ts';

export const STUDY_ROUTES = [
  route({
    id: 'studies.create',
    method: 'post',
    path: '/v1/attribution/policies/{id}/studies',
    tag: 'Attribution',
    summary: 'Studies what a policy would have changed; it writes nothing but itself',
    roles: [...MANAGERS, 'finance'],
    subject: { kind: 'policy', param: 'id' },
    body: newStudy,
    answer: { status: 202, schema: study },
    handle: async (call) => {
      const id = idFromSuffix('study', call.seed);
      const { from, to } = call.body;
      const made = await writing(call, async (tx) => {
        const policy = await getPolicy(tx, call.params.id);
        const requestedBy = actorId(caller(call));
        await insertStudy(tx, { id, policyId: policy.id, fromAt: from, toAt: to, requestedBy });
        return getStudy(tx, id);
      });
      await startStudy(call, id);
      return accepted(showStudy(made));
    },
  }),
  route({
    id: 'studies.list',
    method: 'get',
    path: '/v1/attribution/policies/{id}/studies',
    tag: 'Attribution',
    summary: 'The studies of a policy, newest first',
    roles: READERS,
    subject: { kind: 'policy', param: 'id' },
    answer: { status: 200, schema: listOf(study) },
    handle: (call) =>
      reading(call, async (tx) => ok({ items: (await listStudies(tx, call.params.id)).map(showStudy) })),
  }),
  route({
    id: 'studies.get',
    method: 'get',
    path: '/v1/attribution/studies/{id}',
    tag: 'Attribution',
    summary: 'A study: totals, and every beneficiary before and after',
    roles: READERS,
    subject: { kind: 'study', param: 'id' },
    answer: { status: 200, schema: studyDetail },
    handle: (call) => reading(call, async (tx) => ok(await readStudy(tx, call.params.id))),
  }),
  route({
    id: 'evaluations.get',
    method: 'get',
    path: '/v1/attribution/evaluations/{id}',
    tag: 'Attribution',
    summary: 'How far a re-evaluation has come, with the study at its cut',
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
    summary: 'Cancels a re-evaluation before anything was posted',
    roles: [...MANAGERS, 'finance'],
    subject: { kind: 'evaluation', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: evaluation },
    handle: async (call) => {
      const { id } = call.params;
      await reading(call, async (tx) => {
        const { state } = await getEvaluation(tx, id);
        if (state === 'queued' || state === 'running' || (await isRepeated(tx, call))) return;
        throw new DomainError('illegal-transition', `A re-evaluation that is ${state} cannot be cancelled.`);
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

/** A study that is there already is not started twice; one that was stored and not started is started by the repeated request. */
async function startStudy(call: Call<unknown, unknown, unknown>, studyId: string): Promise<void> {
  const { client, taskQueues, commandTimeoutMs } = call.deps;
  try {
    await client.withDeadline(Date.now() + commandTimeoutMs, () =>
      client.workflow.start('study', {
        workflowId: `study/${studyId}`,
        taskQueue: taskQueues.attribution,
        args: [{ programId: caller(call).programId, studyId }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `study/${studyId}`,
      }),
    );
  } catch (error) {
    throw refusalOf(error);
  }
}

export async function readStudy(tx: Tx, id: string) {
  const found = await getStudy(tx, id);
  return { ...showStudy(found), lines: (await sumStudyLines(tx, id)).map(showLine) };
}

async function readEvaluation(tx: Tx, id: string) {
  const { fromAt, toAt, ...found } = await getEvaluation(tx, id);
  const { done, total } = await getStudy(tx, found.studyId);
  return { ...found, from: fromAt, to: toAt, progress: { done, total } };
}

function showStudy({ fromAt, toAt, done, total, ...rest }: Study) {
  return { ...rest, from: fromAt, to: toAt, progress: { done, total } };
}

/** Credit in conversions; all money as the line's own, commission in the currency of the partner's contract. */
function showLine({ kind, id, name, type, market, ...sum }: StudySum) {
  const { commissionBefore, commissionAfter } = sum;
  const { currency } = commissionAfter;
  return {
    beneficiary: { kind, id, name: name ?? id, type, market },
    conversions: sum.conversions,
    creditBefore: sum.shareBeforeE12 / SHARES,
    creditAfter: sum.shareAfterE12 / SHARES,
    valueBefore: sum.valueBefore,
    valueAfter: sum.valueAfter,
    commissionBefore,
    commissionAfter,
    difference: { minor: commissionAfter.minor - commissionBefore.minor, currency },
    fromLateEvidence: { minor: sum.fromLateEvidenceMinor, currency },
  };
}
