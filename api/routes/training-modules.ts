import { readQuiz, withoutAnswers } from '../../domain/enablement/quiz.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { insertModule, listTrainingModules } from '../../db/queries/training-read.ts';
import type { TrainingView } from '../../db/queries/training-read.ts';
import { caller, ownPartner, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { newTrainingModule, trainingModule } from '../contracts/content.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorOf } from '../principal.ts';
import { MANAGERS, READERS_AND_PARTNER } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';

export const TRAINING_ROUTES = [
  route({
    id: 'training-modules.list',
    method: 'get',
    path: '/v1/training-modules',
    tag: 'Content',
    summary: 'Training modules; right answers for the team only',
    roles: READERS_AND_PARTNER,
    query: pageQuery,
    answer: { status: 200, schema: pageOf(trainingModule) },
    handle: (call) =>
      listById(
        call,
        (tx, page) => listTrainingModules(tx, page),
        (row) => show(call, row),
      ),
  }),
  route({
    id: 'training-modules.get',
    method: 'get',
    path: '/v1/training-modules/{id}',
    tag: 'Content',
    summary: 'One training module; right answers for the team only',
    roles: READERS_AND_PARTNER,
    subject: { kind: 'training module', param: 'id' },
    answer: { status: 200, schema: trainingModule },
    handle: (call) =>
      reading(call, async (tx) =>
        ok(show(call, (await listTrainingModules(tx, { id: call.params.id, limit: 1 }))[0]!)),
      ),
  }),
  route({
    id: 'training-modules.create',
    method: 'post',
    path: '/v1/training-modules',
    tag: 'Content',
    summary: 'Adds a training module with its quiz',
    roles: MANAGERS,
    body: newTrainingModule,
    answer: { status: 201, schema: trainingModule },
    handle: (call) =>
      writing(call, async (tx) => {
        const id = idFromSuffix('trainingModule', call.seed);
        await insertModule(tx, { ...call.body, id, questions: readQuiz(call.body.questions) });
        await recordEvent(tx, {
          kind: 'enablement.module-added',
          actor: actorOf(caller(call)),
          subject: { type: 'training-module', id },
          at: new Date().toISOString(),
        });
        return created(show(call, (await listTrainingModules(tx, { id, limit: 1 }))[0]!));
      }),
  }),
];

function show(call: Call<unknown, unknown, unknown>, module: TrainingView) {
  return ownPartner(call) === undefined ? module : { ...module, questions: withoutAnswers(module.questions) };
}
