import { DomainError } from '../../domain/errors.ts';
import { readBriefWeights } from '../../domain/brief/brief.ts';
import { proposeBrief } from '../../domain/survey/shares.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { changeBrief, insertBrief, listBriefs } from '../../db/queries/brief-draft.ts';
import type { BriefDraft, BriefView } from '../../db/queries/brief-draft.ts';
import { recordEvent } from '../../db/queries/event.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { findSurvey, listSurveyAnswers } from '../../db/queries/survey.ts';
import type { Tx } from '../../db/transaction.ts';
import { requestApproval } from '../../workflows/messages.ts';
import { caller, reading, writing } from '../caller.ts';
import { command } from '../command.ts';
import { pageOf } from '../contracts/answer.ts';
import { brief, briefChanges, briefQuery, newBrief } from '../contracts/listening.ts';
import { noBody } from '../contracts/program.ts';
import { listById } from '../list.ts';
import { actorId, actorOf } from '../principal.ts';
import { isRepeated } from '../repeated.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { accepted, created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const BRIEF_ROUTES = [
  route({
    id: 'briefs.list',
    method: 'get',
    path: '/v1/briefs',
    tag: 'Listening',
    summary: 'Briefs: what partners are looked for',
    roles: READERS,
    query: briefQuery,
    answer: { status: 200, schema: pageOf(brief) },
    handle: (call) => {
      const { state } = call.query;
      return listById(call, (tx, page) => listBriefs(tx, { state, ...page }));
    },
  }),
  route({
    id: 'briefs.get',
    method: 'get',
    path: '/v1/briefs/{id}',
    tag: 'Listening',
    summary: 'One brief',
    roles: READERS,
    subject: { kind: 'brief', param: 'id' },
    answer: { status: 200, schema: brief },
    handle: (call) => reading(call, async (tx) => ok(await readBrief(tx, call.params.id))),
  }),
  route({
    id: 'briefs.create',
    method: 'post',
    path: '/v1/briefs',
    tag: 'Listening',
    summary: 'Drafts a brief, by hand or as the answers of a survey propose it',
    roles: MANAGERS,
    body: newBrief,
    answer: { status: 201, schema: brief },
    handle: (call) =>
      writing(call, async (tx) => {
        const id = idFromSuffix('brief', call.seed);
        const draft = await draftOf(tx, call.body);
        await insertBrief(tx, { ...draft, id, createdBy: actorId(caller(call)) });
        await note(call, tx, 'brief.drafted', id);
        return created(await readBrief(tx, id));
      }),
  }),
  route({
    id: 'briefs.change',
    method: 'patch',
    path: '/v1/briefs/{id}',
    tag: 'Listening',
    summary: 'Changes a draft',
    roles: MANAGERS,
    subject: { kind: 'brief', param: 'id' },
    body: briefChanges,
    answer: { status: 200, schema: brief },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        const { name, weights } = call.body;
        const changes = { name, ...(weights ? { weights: readBriefWeights(weights) } : {}) };
        if (!(await changeBrief(tx, id, changes))) {
          const { state } = await readBrief(tx, id);
          throw new DomainError('immutable', `A brief that is ${state} cannot be changed; draft another one.`);
        }
        await note(call, tx, 'brief.draft-changed', id);
        return ok(await readBrief(tx, id));
      }),
  }),
  route({
    id: 'briefs.submit',
    method: 'post',
    path: '/v1/briefs/{id}/submit',
    tag: 'Listening',
    summary: 'Submits a draft; another person approves it',
    roles: MANAGERS,
    subject: { kind: 'brief', param: 'id' },
    body: noBody,
    answer: { status: 202, schema: brief },
    handle: async (call) => {
      const { id: subjectId } = call.params;
      await reading(call, async (tx) => {
        const { state } = await readBrief(tx, subjectId);
        if (state === 'draft' || (await isRepeated(tx, call))) return;
        throw new DomainError('illegal-transition', `A brief that is ${state} cannot be submitted.`);
      });
      const { programId } = caller(call);
      await command(call, {
        update: requestApproval,
        workflowId: `approval/brief/${subjectId}`,
        payload: { subjectType: 'brief', subjectId },
        input: { kind: 'brief.submit', subjectId, data: {} },
        start: { type: 'approval', queue: 'journeys', args: { programId, subjectType: 'brief', subjectId } },
      });
      return accepted(await reading(call, (tx) => readBrief(tx, subjectId)));
    },
  }),
];

async function readBrief(tx: Tx, id: string): Promise<BriefView> {
  return (await listBriefs(tx, { id, limit: 1 }))[0]!;
}

/** Weights as given, or as the answers of the survey propose them; either way with what they rest on. */
async function draftOf(
  tx: Tx,
  { name, weights, surveyId }: { name: string; weights?: Record<string, unknown>; surveyId?: string },
): Promise<BriefDraft> {
  if (surveyId === undefined) return { name, weights: readBriefWeights(weights), evidence: {}, surveyId: null };
  const survey = await findSurvey(tx, surveyId);
  if (!survey) throw refusedFields([{ path: 'surveyId', message: `There is no survey ${surveyId}.` }]);
  const answers = await listSurveyAnswers(tx, surveyId);
  const proposed = proposeBrief(survey.questions, answers);
  const evidence = { responses: answers.length, proposedWeights: proposed };
  return { name, weights: weights ? readBriefWeights(weights) : proposed, evidence, surveyId };
}

async function note(call: Call<unknown, unknown, unknown>, tx: Tx, kind: EventKind, id: string): Promise<void> {
  const actor = actorOf(caller(call));
  await recordEvent(tx, { kind, actor, subject: { type: 'brief', id }, at: new Date().toISOString() });
}
