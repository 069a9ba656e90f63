import { DAY_MS, durationMs, formatDuration } from '../time/duration.ts';
import { durationText } from '../time/duration-text.ts';
import type { TouchpointKind } from '../contract/terms.ts';
import type { Exclusion, Model, Multiplier, TouchpointFilter, Transform } from './policy.ts';

/** Names of partners by id; who is not in it is called by the id alone. */
export type PartnerNames = ReadonlyMap<string, string>;

const KINDS: Record<TouchpointKind, string> = {
  click: 'clicks',
  view: 'views',
  code: 'codes',
  visit: 'visits',
  event: 'events',
};

/** The ids of partners whom these rules name, each once. */
export function partnersNamed(...rules: (readonly TouchpointFilter[])[]): string[] {
  return [...new Set(rules.flat().flatMap(({ partnerId }) => partnerId ?? []))];
}

export function modelWords(model: Model): string {
  switch (model.kind) {
    case 'position':
      return `position (first ${percentWords(model.first)}, last ${percentWords(model.last)})`;
    case 'time-decay':
      return `time-decay (the weight halves every ${durationWords(model.halfLife)})`;
    case 'weights': {
      const weights = Object.entries(model.weights).map(([channel, weight]) => `${channel} ${decimalWords(weight)}`);
      return `weights (${weights.toSorted().join(', ')})`;
    }
    default:
      return model.kind;
  }
}

export function exclusionWords({ mode, ...filter }: Exclusion, names: PartnerNames): string {
  const whose = filterWords(filter, names);
  return mode === 'always'
    ? `${whose} never get credit`
    : `${whose} get no credit where another touchpoint can have it`;
}

/** For instance `views of partners count 1.5 times`. */
export function multiplierWords({ factor, ...filter }: Multiplier, names: PartnerNames): string {
  const whose = filterWords(filter, names);
  if (factor === 0) return `${whose} do not count`;
  return `${whose} count ${decimalWords(factor)} ${factor === 1 ? 'time' : 'times'}`;
}

function filterWords(filter: TouchpointFilter, names: PartnerNames): string {
  const { beneficiary, partnerType, partnerId, channel, market, kind } = filter;
  const isOfPartners = beneficiary === 'partner' && partnerType === undefined && partnerId === undefined;
  const words = [
    beneficiary === 'channel' && 'of own channels',
    isOfPartners && 'of partners',
    partnerType !== undefined && `of partners of the type ${partnerType}`,
    partnerId !== undefined && `of the partner ${partnerWords(partnerId, names)}`,
    channel !== undefined && `through the channel ${channel}`,
    market !== undefined && `in the market ${market}`,
  ].filter((text) => text !== false);
  if (words.length === 0) return kind === undefined ? 'all touchpoints' : `all ${KINDS[kind]}`;
  return [kindWords(kind), ...words].join(' ');
}

export function kindWords(kind: TouchpointKind | undefined): string {
  return kind === undefined ? 'touchpoints' : KINDS[kind];
}

function partnerWords(id: string, names: PartnerNames): string {
  const name = names.get(id);
  return name === undefined ? id : `${name} (${id})`;
}

/** Which touchpoints are left to count, in written order. */
export function transformsWords(transforms: readonly Transform[]): string {
  return transforms.map(transformWords).join(', then ') || 'all';
}

function transformWords(transform: Transform): string {
  if (transform === 'collapse-repeats') return 'of repeats in a row the last';
  if (transform === 'distinct-first') return 'of each partner and channel the first';
  return transform.keepLast === 1 ? 'the last one' : `the last ${transform.keepLast}`;
}

/**
 * Days of a policy are 24 hours, so that equal times read alike, however they are written.
 * @param duration ISO 8601, for instance `P7D` or `PT168H`: 7 days
 */
export function durationWords(duration: string): string {
  const ms = durationMs(duration);
  return durationText(formatDuration({ months: 0, days: Math.floor(ms / DAY_MS), ms: ms % DAY_MS }), 'en');
}

/** @param share part of 1 */
export function percentWords(share: number): string {
  return `${decimalWords(share * 100)} %`;
}

/** A decimal of a policy as people write it, to the nine places that are read: never `1e-7`. */
function decimalWords(decimal: number): string {
  return decimal.toFixed(9).replace(/\.?0+$/, '');
}
