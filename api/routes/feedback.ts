import { WorkflowNotFoundError } from '@temporalio/client';
import { DomainError } from '../../domain/errors.ts';
import { idFromSuffix } from '../../db/ids.ts';
import {
  findCase,
  findConversionByExternalId,
  listCaseAdjustments,
  listCases,
  listFeedbackMessages,
} from '../../db/queries/feedback.ts';
import type { FeedbackCaseRow } from '../../db/queries/feedback.ts';
import type { Tx } from '../../db/transaction.ts';
import { appealFeedback, openFeedback } from '../../workflows/messages.ts';
import { caller, partnerFilter, reading } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { appeal, feedback, feedbackDetail, feedbackQuery, newFeedback } from '../contracts/listening.ts';
import { afterCursor, toPage } from '../page.ts';
import { isRepeated } from '../repeated.ts';
import { MANAGERS, READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const FEEDBACK_ROUTES = [
  route({
    id: 'feedback.create',
    method: 'post',
    path: '/v1/partners/{id}/feedback',
    tag: 'Listening',
    summary: 'Opens a case: somebody answers it until its deadline',
    roles: [...MANAGERS, 'partner'],
    subject: { kind: 'partner', param: 'id' },
    body: newFeedback,
    answer: { status: 201, schema: feedbackDetail },
    handle: async (call) => {
      const { id: partnerId } = call.params;
      const { conversionExternalId: externalId } = call.body;
      const feedbackId = idFromSuffix('feedback', call.seed);
      await reading(call, async (tx) => {
        if (externalId === undefined || (await findConversionByExternalId(tx, externalId))) return;
        throw refusedFields([{ path: 'conversionExternalId', message: `There is no conversion ${externalId}.` }]);
      });
      await command(call, {
        update: openFeedback,
        workflowId: `feedback/${feedbackId}`,
        payload: { partnerId, feedbackId },
        input: { kind: 'feedback.open', subjectId: feedbackId, data: call.body },
        start: {
          type: 'feedbackCase',
          queue: 'journeys',
          args: { programId: caller(call).programId, partnerId, feedbackId },
        },
      });
      return created(await reading(call, (tx) => readCase(tx, feedbackId)));
    },
  }),
  route({
    id: 'feedback.list',
    method: 'get',
    path: '/v1/feedback',
    tag: 'Listening',
    summary: 'Cases, newest first',
    roles: READERS_AND_PARTNER,
    query: feedbackQuery,
    answer: { status: 200, schema: pageOf(feedback) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit, cursor, state } = call.query;
        const partnerId = partnerFilter(call, call.query.partnerId);
        const rows = await listCases(tx, {
          partnerId,
          state,
          before: afterCursor({ limit, cursor }),
          limit: limit + 1,
        });
        return ok(toPage(rows, limit, ({ id }) => id, showCase));
      }),
  }),
  route({
    id: 'feedback.get',
    method: 'get',
    path: '/v1/feedback/{id}',
    tag: 'Listening',
    summary: 'One case with its messages, and what came of it',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'feedback', param: 'id' },
    answer: { status: 200, schema: feedbackDetail },
    handle: (call) => reading(call, async (tx) => ok(await readCase(tx, call.params.id))),
  }),
  route({
    id: 'feedback.appeal',
    method: 'post',
    path: '/v1/feedback/{id}/appeal',
    tag: 'Listening',
    summary: 'Appeals once; another person hears it',
    roles: [...MANAGERS, 'partner'],
    subject: { kind: 'feedback', param: 'id' },
    body: appeal,
    answer: { status: 200, schema: feedbackDetail },
    handle: async (call) => {
      const { id } = call.params;
      await reading(call, async (tx) => {
        const { state } = (await findCase(tx, id))!;
        if (state === 'answered' || state === 'declined' || (await isRepeated(tx, call))) return;
        throw new DomainError('illegal-transition', `A case that is ${state} cannot be appealed.`);
      });
      try {
        await command(call, {
          update: appealFeedback,
          workflowId: `feedback/${id}`,
          payload: {},
          input: { kind: 'feedback.appeal', subjectId: id, data: call.body },
        });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        throw new DomainError('illegal-transition', 'The time for an appeal is over.');
      }
      return ok(await reading(call, (tx) => readCase(tx, id)));
    },
  }),
];

async function readCase(tx: Tx, id: string) {
  const row = (await findCase(tx, id))!;
  const { policyId, studyId, evaluationId } = row;
  return {
    ...showCase(row),
    messages: await listFeedbackMessages(tx, id),
    links: {
      ...(policyId ? { policyId } : {}),
      ...(studyId ? { studyId } : {}),
      ...(evaluationId ? { evaluationId } : {}),
      adjustments: await listCaseAdjustments(tx, row),
    },
  };
}

function showCase({ policyId: _policy, studyId: _study, evaluationId: _evaluation, ...row }: FeedbackCaseRow) {
  return row;
}
