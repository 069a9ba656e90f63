import { CHANNEL_FAULT, CHANNEL_PATTERN, NAME_PATTERN } from './name.ts';
import { TOUCHPOINT_KINDS } from '../contract/terms.ts';
import { JsonReader, join } from '../json/reader.ts';
import { durationMs } from '../time/duration.ts';
import { checkModel } from './model-document.ts';
import { checkDecimal, checkShare } from './policy-decimal.ts';
import type { Model, Policy } from './policy.ts';

const FIELDS = [
  'name',
  'conversionTypes',
  'model',
  'exclusions',
  'transforms',
  'multipliers',
  'lookback',
  'minimumAge',
  'maximumAge',
  'perPartnerShare',
];
const EXCLUSION_FIELDS = ['beneficiary', 'channel', 'partnerType', 'partnerId', 'kind'] as const;
const FILTER_FIELDS = [...EXCLUSION_FIELDS, 'market'] as const;
/** What only the touchpoint of a partner has. */
const OF_PARTNERS = ['partnerType', 'partnerId', 'market'] as const;
const MOST_FACTOR = 1_000;
const MOST_RULES = 200;

/**
 * Reads a policy as `POST /v1/attribution/policies` takes it and fills in the defaults: all types, no exclusions, transforms or
 * multipliers, a lookback of 30 days.
 * @throws DomainError `invalid` naming every field and why
 */
export function readPolicy(value: unknown, path = ''): Policy {
  const reader = new JsonReader();
  const fields = reader.object(value, path, FIELDS) ?? {};
  reader.text(fields.name, join(path, 'name'), 200);
  checkTypes(reader, fields.conversionTypes, join(path, 'conversionTypes'));
  const model = checkModel(reader, fields.model, join(path, 'model'));
  checkExclusions(reader, fields.exclusions, join(path, 'exclusions'));
  checkTransforms(reader, fields.transforms, join(path, 'transforms'));
  checkMultipliers(reader, fields.multipliers, join(path, 'multipliers'), model);
  checkLookback(reader, fields.lookback, join(path, 'lookback'));
  checkAges(reader, fields, path);
  if (fields.perPartnerShare !== undefined) checkShare(reader, fields.perPartnerShare, join(path, 'perPartnerShare'));
  reader.assertNoFaults('The policy');
  return withDefaults(fields, model as Model);
}

function withDefaults(fields: Record<string, unknown>, model: Model): Policy {
  const given = fields as Partial<Policy>;
  return {
    ...given,
    name: given.name as string,
    conversionTypes: given.conversionTypes ?? ['*'],
    model,
    exclusions: given.exclusions ?? [],
    transforms: given.transforms ?? [],
    multipliers: given.multipliers ?? [],
    lookback: {
      default: given.lookback?.default ?? 'P30D',
      byKind: given.lookback?.byKind ?? {},
      byChannel: given.lookback?.byChannel ?? {},
    },
  };
}

function checkTypes(reader: JsonReader, value: unknown, path: string): void {
  if (value === undefined) return;
  const types = reader.texts(value, path) ?? [];
  if (types.length === 0) reader.fault(path, 'Give at least one conversion type, or "*".');
  types.forEach((type, index) => {
    if (type !== '*' && !NAME_PATTERN.test(type))
      reader.fault(join(path, index), 'Give 1–64 of a–z, 0–9 and _, or "*".');
    if (types.indexOf(type) < index) reader.fault(join(path, index), `"${type}" stands here already; name it once.`);
  });
}

function checkAges(reader: JsonReader, fields: Record<string, unknown>, path: string): void {
  const [least, most] = ['minimumAge', 'maximumAge'].map((age) =>
    fields[age] === undefined ? undefined : reader.duration(fields[age], join(path, age), true),
  );
  if (least === undefined || most === undefined || durationMs(least) <= durationMs(most)) return;
  reader.fault(join(path, 'maximumAge'), 'Give an age that is not below minimumAge, or every conversion is held.');
}

function checkExclusions(reader: JsonReader, value: unknown, path: string): void {
  if (value === undefined) return;
  (reader.list(value, path, MOST_RULES) ?? []).forEach((item, index) => {
    const exclusion = reader.object(item, join(path, index), [...EXCLUSION_FIELDS, 'mode']);
    if (!exclusion) return;
    reader.choice(exclusion.mode, join(join(path, index), 'mode'), ['always', 'unless-only']);
    checkFilter(reader, exclusion, join(path, index));
    if (EXCLUSION_FIELDS.every((field) => exclusion[field] === undefined)) {
      reader.fault(join(path, index), `Say what is excluded: ${EXCLUSION_FIELDS.join(', ')}.`);
    }
  });
}

function checkTransforms(reader: JsonReader, value: unknown, path: string): void {
  if (value === undefined) return;
  (reader.list(value, path, 20) ?? []).forEach((item, index) => {
    const at = join(path, index);
    if (typeof item === 'string') return void reader.choice(item, at, ['collapse-repeats', 'distinct-first']);
    const keep = reader.object(item, at, ['keepLast']);
    if (keep) reader.integer(keep.keepLast, join(at, 'keepLast'), 1, 1_000);
  });
}

function checkMultipliers(reader: JsonReader, value: unknown, path: string, model: Model | undefined): void {
  if (value === undefined) return;
  const multipliers = reader.list(value, path, MOST_RULES) ?? [];
  if (multipliers.length > 0 && (model?.kind === 'first' || model?.kind === 'last')) {
    reader.fault(path, `Multipliers have no effect under "${model.kind}"; leave them out or choose another model.`);
  }
  multipliers.forEach((item, index) => {
    const multiplier = reader.object(item, join(path, index), [...FILTER_FIELDS, 'factor']);
    if (!multiplier) return;
    checkDecimal(reader, multiplier.factor, join(join(path, index), 'factor'), MOST_FACTOR);
    checkFilter(reader, multiplier, join(path, index));
  });
}

function checkFilter(reader: JsonReader, filter: Record<string, unknown>, path: string): void {
  if (filter.beneficiary !== undefined) {
    reader.choice(filter.beneficiary, join(path, 'beneficiary'), ['partner', 'channel']);
  }
  if (filter.kind !== undefined) reader.choice(filter.kind, join(path, 'kind'), TOUCHPOINT_KINDS);
  for (const field of ['channel', ...OF_PARTNERS] as const) {
    if (filter[field] !== undefined) reader.text(filter[field], join(path, field), 100);
  }
  for (const field of OF_PARTNERS) {
    if (filter.beneficiary !== 'channel' || filter[field] === undefined) continue;
    reader.fault(join(path, field), 'Own channels have no partner, so nothing would match; leave one of the two out.');
  }
  const { channel } = filter;
  if (typeof channel === 'string' && channel.trim() !== '' && !CHANNEL_PATTERN.test(channel)) {
    reader.fault(join(path, 'channel'), CHANNEL_FAULT);
  }
}

function checkLookback(reader: JsonReader, value: unknown, path: string): void {
  if (value === undefined) return;
  const lookback = reader.object(value, path, ['default', 'byKind', 'byChannel']);
  if (!lookback) return;
  if (lookback.default !== undefined) reader.duration(lookback.default, join(path, 'default'), true);
  if (lookback.byKind !== undefined) {
    const byKind = reader.object(lookback.byKind, join(path, 'byKind'), TOUCHPOINT_KINDS) ?? {};
    for (const [kind, text] of Object.entries(byKind)) reader.duration(text, join(join(path, 'byKind'), kind), true);
  }
  const byChannel = lookback.byChannel;
  if (byChannel === undefined) return;
  if (typeof byChannel !== 'object' || byChannel === null || Array.isArray(byChannel)) {
    reader.fault(join(path, 'byChannel'), 'Give an object of channels.');
    return;
  }
  for (const [channel, text] of Object.entries(byChannel)) {
    if (!CHANNEL_PATTERN.test(channel)) reader.fault(join(join(path, 'byChannel'), channel), CHANNEL_FAULT);
    reader.duration(text, join(join(path, 'byChannel'), channel), true);
  }
}
