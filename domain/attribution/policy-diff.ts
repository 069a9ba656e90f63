import { canonicalJson } from '../json/canonical.ts';
import { documentDiff } from '../json/difference.ts';
import type { Exclusion, Model, Multiplier, Policy, TouchpointFilter, Transform } from './policy.ts';

/** One change of the rule: where, what stood there and what stands there now (null: nothing), and a sentence for people. */
export interface PolicyChange {
  /** Field of the policy document, for instance `model` or `lookback.byKind.view`. */
  path: string;
  before: unknown;
  after: unknown;
  text: string;
}

/** What changes between two policy versions, one entry per change; empty when they credit alike. */
export function policyDiff(before: Policy, after: Policy): PolicyChange[] {
  const field = <Name extends keyof Policy>(path: Name, what: string, describe: (value: Policy[Name]) => string) =>
    changed(
      { path, before: before[path] ?? null, after: after[path] ?? null },
      what,
      [before[path], after[path]].map(describe),
    );
  return [
    ...field('model', 'The model', describeModel),
    ...field('conversionTypes', 'Conversion types', (types) => types.join(', ')),
    ...listed('exclusions', before.exclusions, after.exclusions, describeExclusion),
    ...field('transforms', 'Transforms', describeTransforms),
    ...listed('multipliers', before.multipliers, after.multipliers, describeMultiplier),
    ...lookbackChanges(before.lookback, after.lookback),
    ...field('minimumAge', 'The minimum age', (age) => age ?? 'none'),
    ...field('maximumAge', 'The maximum age', (age) => age ?? 'none'),
    ...field('perPartnerShare', 'The most that one partner gets', percent),
  ];
}

function changed(change: Omit<PolicyChange, 'text'>, what: string, [before, after]: string[]): PolicyChange[] {
  return before === after ? [] : [{ ...change, text: `${what}: ${before} → ${after}.` }];
}

function lookbackChanges(before: Policy['lookback'], after: Policy['lookback']): PolicyChange[] {
  const orNull = (text: string) => (text === 'not set' ? null : text);
  return documentDiff(before, after).map(({ text, path, ...change }) => ({
    path: `lookback.${path}`,
    before: orNull(change.before),
    after: orNull(change.after),
    text: `The lookback changes: ${text}.`,
  }));
}

/** Rules that only one of the lists holds; the order of the rules does not change what they do. */
function listed<T>(
  path: string,
  before: readonly T[],
  after: readonly T[],
  describe: (item: T) => string,
): PolicyChange[] {
  const without = (items: readonly T[], others: readonly T[]) => {
    const known = new Set(others.map(canonicalJson));
    return items.filter((item) => !known.has(canonicalJson(item)));
  };
  return [
    ...without(before, after).map((item) => ({
      path,
      before: item,
      after: null,
      text: `No longer: ${describe(item)}.`,
    })),
    ...without(after, before).map((item) => ({ path, before: null, after: item, text: `New: ${describe(item)}.` })),
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
