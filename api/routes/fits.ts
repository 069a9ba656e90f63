import { compareModels, readComparedModels } from '../../domain/attribution/compare.ts';
import { fitPaths } from '../../domain/attribution/fit.ts';
import { reading } from '../caller.ts';
import { comparison, fit, newComparison, newFit } from '../contracts/attribution.ts';
import { readJourneysOf } from '../journeys.ts';
import { READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const FIT_ROUTES = [
  route({
    id: 'attribution.fit',
    method: 'post',
    path: '/v1/attribution/fits',
    tag: 'Attribution',
    summary: 'Fits a Markov chain or Shapley values to journeys, for insight and to propose weights',
    roles: READERS,
    idempotent: false,
    body: newFit,
    answer: { status: 200, schema: fit },
    handle: async (call) => {
      const { source, method, order } = call.body;
      if (method === 'shapley' && order !== undefined) {
        throw refusedFields([{ path: 'order', message: 'Shapley values have no order; leave it out.' }]);
      }
      const journeys = await reading(call, (tx) => readJourneysOf(tx, source));
      const startMs = performance.now();
      const fitted = fitPaths(journeys, method, order);
      return ok({ ...fitted, milliseconds: Math.round((performance.now() - startMs) * 1_000) / 1_000 });
    },
  }),
  route({
    id: 'attribution.compare',
    method: 'post',
    path: '/v1/attribution/compare',
    tag: 'Attribution',
    summary: 'What several models would give each channel over the same journeys',
    roles: READERS,
    idempotent: false,
    body: newComparison,
    answer: { status: 200, schema: comparison },
    handle: async (call) => {
      const models = readComparedModels(call.body.models);
      const journeys = await reading(call, (tx) => readJourneysOf(tx, call.body.source));
      return ok({ models: compareModels(journeys, models) });
    },
  }),
];
