import { canonicalJson } from '../json/canonical.ts';
import { documentDiff } from '../json/difference.ts';
import type { Exclusion, Model, Multiplier, Policy, TouchpointFilter, Transform } from './policy.ts';

/** What changes between two policy versions, in plain words, one sentence per change; empty when they credit alike. */
export function policyDiff(before: Policy, after: Policy): string[] {
  return [
    ...changed('The model', describeModel(before.model), describeModel(after.model)),
    ...changed('Conversion types', before.conversionTypes.join(', '), after.conversionTypes.join(', ')),
    ...listed(before.exclusions, after.exclusions, describeExclusion),
    ...changed('Transforms', describeTransforms(before.transforms), describeTransforms(after.transforms)),
    ...listed(before.multipliers, after.multipliers, describeMultiplier),
    ...documentDiff(before.lookback, after.lookback).map(({ text }) => `The lookback changes: ${text}.`),
    ...changed('The minimum age', before.minimumAge ?? 'none', after.minimumAge ?? 'none'),
    ...changed('The maximum age', before.maximumAge ?? 'none', after.maximumAge ?? 'none'),
    ...changed('The most that one partner gets', percent(before.perPartnerShare), percent(after.perPartnerShare)),
  ];
}

function changed(what: string, before: string, after: string): string[] {
  return before === after ? [] : [`${what}: ${before} → ${after}.`];
}

/** Rules that only one of the lists holds; the order of the rules does not change what they do. */
function listed<T>(before: readonly T[], after: readonly T[], describe: (item: T) => string): string[] {
  const without = (items: readonly T[], others: readonly T[]) => {
    const known = new Set(others.map(canonicalJson));
    return items.filter((item) => !known.has(canonicalJson(item)));
  };
  return [
    ...without(before, after).map((item) => `No longer: ${describe(item)}.`),
    ...without(after, before).map((item) => `New: ${describe(item)}.`),
  ];
}

export function describeModel(model: Model): string {
  switch (model.kind) {
    case 'position':
      return `position (first ${percent(model.first)}, last ${percent(model.last)})`;
    case 'time-decay':
      return `time-decay (weight halves every ${model.halfLife})`;
    case 'weights': {
      const weights = Object.entries(model.weights).map(([channel, weight]) => `${channel} ${weight}`);
      return `weights (${weights.toSorted().join(', ')})`;
    }
    default:
      return model.kind;
  }
}

function describeExclusion({ mode, ...filter }: Exclusion): string {
  const when = mode === 'always' ? 'always' : 'where another touchpoint exists';
  return `${describeFilter(filter)} gets no credit, ${when}`;
}

function describeMultiplier({ factor, ...filter }: Multiplier): string {
  return `${describeFilter(filter)} counts ${factor} times`;
}

function describeFilter(filter: TouchpointFilter): string {
  const words = Object.entries(filter).filter(([, value]) => value !== undefined);
  return words.length === 0 ? 'every touchpoint' : words.map(([field, value]) => `${field} ${value}`).join(', ');
}

function describeTransforms(transforms: readonly Transform[]): string {
  return (
    transforms.map((item) => (typeof item === 'string' ? item : `keep the last ${item.keepLast}`)).join(', ') || 'none'
  );
}

function percent(share: number | undefined): string {
  return share === undefined ? 'no limit' : `${Number((share * 100).toFixed(6))} %`;
}
