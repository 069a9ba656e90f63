import { invalid } from '../errors.ts';
import { JsonReader, join } from '../json/reader.ts';
import { markovFit } from './markov/credits.ts';
import { checkModel } from './model-document.ts';
import { weighTouchpoints } from './model-weights.ts';
import { rankChannels } from './paths.ts';
import type { AggregatedPath, ChannelCredit } from './paths.ts';
import type { Model } from './policy.ts';
import { shapleyCredits } from './shapley.ts';

/**
 * A journey to compare models over; `agesMicros` (conversion minus touchpoint) is absent where only paths are known. The path of
 * conversions that nobody touched is empty.
 */
export interface ComparedJourney extends AggregatedPath {
  agesMicros?: readonly number[];
  /** The type of the partner behind each touchpoint, null for an own channel; absent where only channels are known. */
  partnerTypes?: readonly (string | null)[];
}

export type ComparedModel = Model | { kind: 'markov'; order: number } | { kind: 'shapley' };

export interface ModelCredits {
  /** The name as it was asked for. */
  model: string;
  channels: ChannelCredit[];
  /** What no touchpoint is given: conversions that nobody touched, or only channels that weigh nothing. With it all shares sum to 1. */
  unattributed: Omit<ChannelCredit, 'channel'>;
  /** The same by type of partner, null for own channels; absent where the journeys name channels only. */
  partnerTypes?: (Omit<ChannelCredit, 'channel'> & { partnerType: string | null })[];
}

/**
 * Reads the `models` of a comparison: names (`linear`, `markov`, …) or whole models with their parameters.
 * @throws DomainError `invalid` naming each fault
 */
export function readComparedModels(value: unknown, path = 'models'): { name: string; model: ComparedModel }[] {
  const reader = new JsonReader();
  const items = reader.list(value, path, 20) ?? [];
  if (items.length === 0) reader.fault(path, 'Give at least one model.');
  const models = items.map((item, index) => {
    const fields = typeof item === 'string' ? { kind: item } : (item as { kind?: string; order?: unknown } | null);
    return { name: String(fields?.kind), model: readModel(reader, fields, join(path, index)) };
  });
  reader.assertNoFaults('The comparison');
  return models as { name: string; model: ComparedModel }[];
}

function readModel(
  reader: JsonReader,
  fields: { kind?: string; order?: unknown } | null,
  path: string,
): ComparedModel | undefined {
  if (fields?.kind === 'shapley') return reader.object(fields, path, ['kind']) && { kind: 'shapley' };
  if (fields?.kind !== 'markov') return checkModel(reader, fields, path);
  reader.object(fields, path, ['kind', 'order']);
  const order = reader.integer(fields.order ?? 1, join(path, 'order'), 1, 4);
  return order === undefined ? undefined : { kind: 'markov', order };
}

/** Stands for own channels among the types of partners, whose names have no capitals. */
const OWN = 'OWN';

/**
 * What each model gives each channel, and each type of partner, over the same journeys, in the order asked; weight models give by
 * channel and touchpoint, without exclusions or multipliers. What a model gives to nobody is told, and the sums hold.
 * @throws DomainError `invalid` where a model needs times that the journeys do not have
 */
export function compareModels(
  journeys: readonly ComparedJourney[],
  models: readonly { name: string; model: ComparedModel }[],
): ModelCredits[] {
  const typed = journeys.every(({ partnerTypes }) => partnerTypes !== undefined) ? journeys.map(typePath) : undefined;
  const channels = journeys.map((journey): Labelled => ({ ...journey, labels: journey.path }));
  return models.map(({ name, model }, index) => {
    const byChannel = creditsOf(channels, model, `models.${index}`);
    const byType = typed && creditsOf(typed, model, `models.${index}`);
    return {
      model: name,
      channels: byChannel.credits,
      unattributed: byChannel.unattributed,
      ...(byType && {
        partnerTypes: byType.credits.map(({ channel, ...credit }) => ({
          partnerType: channel === OWN ? null : channel,
          ...credit,
        })),
      }),
    };
  });
}

/** A journey whose credit goes to labels, one per touchpoint: its channels, or the types of its partners. */
interface Labelled extends ComparedJourney {
  labels: readonly string[];
}

function typePath(journey: ComparedJourney): Labelled {
  return { ...journey, labels: journey.partnerTypes!.map((type) => type ?? OWN) };
}

/** Credits whose shares are parts of all conversions, and what of them is nobody's. */
interface Given {
  credits: ChannelCredit[];
  unattributed: Omit<ChannelCredit, 'channel'>;
}

function creditsOf(journeys: readonly Labelled[], model: ComparedModel, path: string): Given {
  if (model.kind === 'markov' || model.kind === 'shapley') return fittedCredits(journeys, model);
  if (model.kind === 'time-decay' && journeys.some(({ agesMicros }) => agesMicros === undefined)) {
    throw invalid(path, 'This model needs times, which aggregated paths do not have.');
  }
  return weighedCredits(journeys, model);
}

function fittedCredits(
  journeys: readonly Labelled[],
  model: Extract<ComparedModel, { kind: 'markov' | 'shapley' }>,
): Given {
  const walked = journeys
    .filter(({ labels }) => labels.length > 0)
    .map(({ labels, ...journey }) => ({ ...journey, path: labels }));
  const credits = model.kind === 'markov' ? markovFit(walked, model.order).channels : shapleyCredits(walked);
  return ofAll(
    credits,
    journeys.filter(({ labels }) => labels.length === 0),
  );
}

function weighedCredits(journeys: readonly Labelled[], model: Model): Given {
  const credits = new Map<string, { channel: string; conversions: number; value: number }>();
  const nobodys: Labelled[] = [];
  for (const journey of journeys) {
    const { path, labels, agesMicros, conversions, value } = journey;
    const steps = path.map((channel, index) => ({ channel, ageMicros: agesMicros?.[index] ?? 0, factor: 1n }));
    const weights = steps.length === 0 ? [] : weighTouchpoints(model, steps).map(Number);
    const sum = weights.reduce((all, weight) => all + weight, 0);
    if (sum === 0) nobodys.push(journey);
    labels.forEach((label, index) => {
      const credit = credits.get(label) ?? { channel: label, conversions: 0, value: 0 };
      const part = sum === 0 ? 0 : weights[index]! / sum;
      credit.conversions += part * conversions;
      credit.value += part * value;
      credits.set(label, credit);
    });
  }
  return ofAll(rankChannels(credits.values()), nobodys);
}

/** The credits with their shares of all conversions, those of nobody's journeys too. */
function ofAll(credits: readonly ChannelCredit[], nobodys: readonly Labelled[]): Given {
  const conversions = nobodys.reduce((sum, journey) => sum + journey.conversions, 0);
  const value = nobodys.reduce((sum, journey) => sum + journey.value, 0);
  const all = credits.reduce((sum, credit) => sum + credit.conversions, conversions);
  const shareOf = (part: number) => (all === 0 ? 0 : part / all);
  return {
    credits: credits.map((credit) => ({ ...credit, share: shareOf(credit.conversions) })),
    unattributed: { conversions, value, share: shareOf(conversions) },
  };
}
