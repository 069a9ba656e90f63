import { canonicalJson } from '../json/canonical.ts';
import type { TouchpointKind } from '../contract/terms.ts';
import type { Policy } from './policy.ts';
import {
  durationWords,
  exclusionWords,
  kindWords,
  modelWords,
  multiplierWords,
  percentWords,
  transformsWords,
} from './policy-words.ts';
import type { PartnerNames } from './policy-words.ts';

/** One change of the rule: where, what stood there and what stands there now (null: nothing), and a sentence for people. */
export interface PolicyChange {
  /** Field of the policy document, for instance `model` or `lookback.byKind.view`. */
  path: string;
  before: unknown;
  after: unknown;
  text: string;
}

/**
 * What changes between two policy versions, one entry per change; empty when they credit alike.
 * @param names of the partners whom the rules name, so that sentences say them beside the ids
 */
export function policyDiff(before: Policy, after: Policy, names: PartnerNames = new Map()): PolicyChange[] {
  const field = <Name extends keyof Policy>(path: Name, what: string, describe: (value: Policy[Name]) => string) =>
    changed(
      { path, before: before[path] ?? null, after: after[path] ?? null },
      what,
      [before[path], after[path]].map(describe),
    );
  const age = (value: string | undefined) => (value === undefined ? 'none' : durationWords(value));
  return [
    ...field('model', 'The model', modelWords),
    ...field('conversionTypes', 'Conversion types', typesWords),
    ...listed('exclusions', once(before.exclusions), once(after.exclusions), (item) => exclusionWords(item, names)),
    ...field('transforms', 'Which touchpoints count', transformsWords),
    ...listed('multipliers', before.multipliers, after.multipliers, (item) => multiplierWords(item, names)),
    ...lookbackChanges(before.lookback, after.lookback),
    ...field('minimumAge', 'The minimum age', age),
    ...field('maximumAge', 'The maximum age', age),
    ...field('perPartnerShare', 'The most that one partner gets', (share) =>
      share === undefined ? 'no limit' : percentWords(share),
    ),
  ];
}

function changed(change: Omit<PolicyChange, 'text'>, what: string, [before, after]: string[]): PolicyChange[] {
  return before === after ? [] : [{ ...change, text: `${what}: ${before} → ${after}.` }];
}

function typesWords(types: readonly string[]): string {
  return types
    .map((type) => (type === '*' ? 'every type' : type))
    .toSorted()
    .join(', ');
}

function lookbackChanges(before: Policy['lookback'], after: Policy['lookback']): PolicyChange[] {
  const change = (path: string, what: string, [old, now]: readonly (string | undefined)[]) =>
    changed(
      { path: `lookback.${path}`, before: old ?? null, after: now ?? null },
      what,
      [old, now].map((side) => (side === undefined ? 'none of its own' : durationWords(side))),
    );
  return [
    ...sides(before.byChannel, after.byChannel).flatMap(([channel, both]) =>
      change(`byChannel.${channel}`, `The lookback of touchpoints through the channel ${channel}`, both),
    ),
    ...sides(before.byKind, after.byKind).flatMap(([kind, both]) =>
      change(`byKind.${kind}`, `The lookback of ${kindWords(kind as TouchpointKind)}`, both),
    ),
    ...change('default', 'The lookback', [before.default, after.default]),
  ];
}

type Texts = Readonly<Partial<Record<string, string>>>;

/** What both records say, by key in order; a channel may be called `constructor`. */
function sides(before: Texts, after: Texts): [key: string, both: (string | undefined)[]][] {
  const own = (record: Texts, key: string) => (Object.hasOwn(record, key) ? record[key] : undefined);
  return Object.keys({ ...before, ...after })
    .toSorted()
    .map((key) => [key, [own(before, key), own(after, key)]]);
}

/** Each rule once, where a second time changes nothing. */
function once<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [canonicalJson(item), item])).values()];
}

/** Rules that one of the lists holds more often than the other; their order does not change what they do. */
function listed<T>(
  path: string,
  before: readonly T[],
  after: readonly T[],
  describe: (item: T) => string,
): PolicyChange[] {
  const [old, now] = [numbered(before), numbered(after)];
  const sentence = (lead: string, { item, time }: Numbered<T>) =>
    `${lead}${time === 1 ? '' : `, the ${ordinal(time)} time`}: ${describe(item)}.`;
  const gone = [...old].filter(([key]) => !now.has(key)).map(([, one]) => one);
  const come = [...now].filter(([key]) => !old.has(key)).map(([, one]) => one);
  return [
    ...gone.map((one) => ({ path, before: one.item, after: null, text: sentence('No longer', one) })),
    ...come.map((one) => ({ path, before: null, after: one.item, text: sentence('New', one) })),
  ];
}

interface Numbered<T> {
  item: T;
  /** 1 where it stands first, 2 where the same stands again, … */
  time: number;
}

/** The items by what they say and how often they were said before. */
function numbered<T>(items: readonly T[]): Map<string, Numbered<T>> {
  const times = new Map<string, number>();
  return new Map(
    items.map((item) => {
      const said = canonicalJson(item);
      const time = (times.get(said) ?? 0) + 1;
      times.set(said, time);
      return [`${time} ${said}`, { item, time }];
    }),
  );
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const SUFFIXES: Record<string, string> = { one: 'st', two: 'nd', few: 'rd' };

function ordinal(number: number): string {
  return `${number}${SUFFIXES[ORDINALS.select(number)] ?? 'th'}`;
}
