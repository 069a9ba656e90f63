import { readComparedModels } from '../../domain/attribution/compare.ts';
import { readingMuch } from '../long-reading.ts';
import { comparison, fit, newComparison, newFit, newProposal, proposal } from '../contracts/fit.ts';
import { computeInsight } from '../insight/compute.ts';
import { readJourneysOf } from '../journeys.ts';
import { READERS } from '../roles.ts';
import { ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

/** What a proposal must not hide from whoever turns it into a policy. */
const FROZEN =
  'These weights are frozen into the version that is made of them: later journeys do not change them. Fit again and draft a new version to follow.';

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
      const { source, ...request } = call.body;
      assertOrderFits(request);
      const read = () => readingMuch(call, 'source', (tx) => readJourneysOf(tx, source));
      const { result, cutJourneys, unconverted, milliseconds } = await computeInsight(read, { kind: 'fit', request });
      return ok({ ...result, cutJourneys, unconverted, milliseconds });
    },
  }),
  route({
    id: 'attribution.propose-weights',
    method: 'post',
    path: '/v1/attribution/fits/proposal',
    tag: 'Attribution',
    summary: 'Proposes a policy whose weights are those that a fit stands for; writes nothing',
    roles: READERS,
    body: newProposal,
    answer: { status: 200, schema: proposal },
    handle: async (call) => {
      const { source, name, ...request } = call.body;
      assertOrderFits(request);
      const read = () => readingMuch(call, 'source', (tx) => readJourneysOf(tx, source));
      const { result, cutJourneys, unconverted, milliseconds } = await computeInsight(read, {
        kind: 'proposal',
        request,
      });
      const { model, raised } = result;
      const { conversionProbability, channels } = result.fit;
      return ok({
        model,
        policy: { name, model },
        note: raised.length === 0 ? FROZEN : `${FROZEN} ${raisedNote(raised)}`,
        raised,
        conversionProbability,
        channels,
        cutJourneys,
        unconverted,
        milliseconds,
      });
    },
  }),
  route({
    id: 'attribution.compare',
    method: 'post',
    path: '/v1/attribution/compare',
    tag: 'Attribution',
    summary: 'What several models would give each channel and each type of partner over the same journeys',
    roles: READERS,
    idempotent: false,
    body: newComparison,
    answer: { status: 200, schema: comparison },
    handle: async (call) => {
      const models = readComparedModels(call.body.models);
      const reading = { withPartnerTypes: true, withUntouched: true };
      const read = () => readingMuch(call, 'source', (tx) => readJourneysOf(tx, call.body.source, reading));
      const { result, cutJourneys, unconverted } = await computeInsight(read, { kind: 'compare', models });
      return ok({ models: result, cutJourneys, unconverted });
    },
  }),
];

function raisedNote(channels: readonly string[]): string {
  return `The weights of ${channels.join(', ')} are less than a policy can say and were raised to 0.000000001: these channels get next to nothing beside others.`;
}

function assertOrderFits({ method, order }: { method: string; order?: number }): void {
  if (method !== 'shapley' || order === undefined) return;
  throw refusedFields([{ path: 'order', message: 'Shapley values have no order; leave it out.' }]);
}
