import { DomainError } from '../../domain/errors.ts';
import { readQuestions } from '../../domain/survey/question.ts';
import { proposeBrief, surveyShares } from '../../domain/survey/shares.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { makeSecret } from '../../db/secret.ts';
import { recordEvent } from '../../db/queries/event.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { closeSurvey, findSurvey, insertSurvey, listSurveyAnswers, listSurveys } from '../../db/queries/survey.ts';
import type { Survey } from '../../db/queries/survey.ts';
import type { Tx } from '../../db/transaction.ts';
import { caller, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { newSurvey, openedSurvey, survey, surveyDetail } from '../contracts/listening.ts';
import { noBody } from '../contracts/program.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorId, actorOf } from '../principal.ts';
import { MANAGERS, READERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';

export const SURVEY_ROUTES = [
  route({
    id: 'audience-surveys.list',
    method: 'get',
    path: '/v1/audience-surveys',
    tag: 'Listening',
    summary: 'Surveys among customers, whose answers propose a brief',
    roles: READERS,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(survey) },
    handle: (call) => listById(call, (tx, page) => listSurveys(tx, page), showSurvey),
  }),
  route({
    id: 'audience-surveys.create',
    method: 'post',
    path: '/v1/audience-surveys',
    tag: 'Listening',
    summary: 'Opens a survey with a link that anybody may answer',
    roles: MANAGERS,
    body: newSurvey,
    showOnce: ['link'],
    answer: { status: 201, schema: openedSurvey },
    handle: (call) => {
      const questions = readQuestions(call.body.questions);
      const { title, closesAt = null } = call.body;
      const id = idFromSuffix('survey', call.seed);
      const { secret, hash } = makeSecret('tv', caller(call).programId, id);
      return writing(call, async (tx) => {
        const createdBy = actorId(caller(call));
        await insertSurvey(tx, { id, title, questions, linkHash: hash, createdBy, closesAt });
        await note(call, tx, 'survey.opened', id);
        return created({
          ...showSurvey((await findSurvey(tx, id))!),
          link: `${call.deps.publicUrl}/surveys/${secret}`,
        });
      });
    },
  }),
  route({
    id: 'audience-surveys.get',
    method: 'get',
    path: '/v1/audience-surveys/{id}',
    tag: 'Listening',
    summary: 'A survey with the shares of its answers and the weights that they propose',
    roles: READERS,
    subject: { kind: 'survey', param: 'id' },
    answer: { status: 200, schema: surveyDetail },
    handle: (call) =>
      reading(call, async (tx) => {
        const found = (await findSurvey(tx, call.params.id))!;
        const answers = await listSurveyAnswers(tx, found.id);
        const { questions } = found;
        return ok({
          ...showSurvey(found),
          results: surveyShares(questions, answers),
          proposedWeights: proposeBrief(questions, answers),
        });
      }),
  }),
  route({
    id: 'audience-surveys.close',
    method: 'post',
    path: '/v1/audience-surveys/{id}/close',
    tag: 'Listening',
    summary: 'Closes a survey; its link takes no more answers',
    roles: MANAGERS,
    subject: { kind: 'survey', param: 'id' },
    body: noBody,
    answer: { status: 200, schema: survey },
    handle: (call) =>
      writing(call, async (tx) => {
        const { id } = call.params;
        if (!(await closeSurvey(tx, id))) throw new DomainError('illegal-transition', 'This survey is closed already.');
        await note(call, tx, 'survey.closed', id);
        return ok(showSurvey((await findSurvey(tx, id))!));
      }),
  }),
];

async function note(call: Call<unknown, unknown, unknown>, tx: Tx, kind: EventKind, id: string): Promise<void> {
  const actor = actorOf(caller(call));
  await recordEvent(tx, { kind, actor, subject: { type: 'survey', id }, at: new Date().toISOString() });
}

function showSurvey({ linkHash: _, ...view }: Survey) {
  return view;
}
