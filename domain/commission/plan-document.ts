import { checkChannels } from '../attribution/channels-document.ts';
import { join } from '../json/reader.ts';
import type { JsonReader } from '../json/reader.ts';
import { readMoney } from '../money/document.ts';
import { isInstant } from '../time/instant.ts';

const RULE_FIELDS = {
  percentage: ['kind', 'basisPoints', 'when'],
  flat: ['kind', 'amount', 'when'],
  tiered: ['kind', 'tiers', 'when'],
  bonus: ['kind', 'amount', 'when'],
} as const;
const RULE_KINDS = Object.keys(RULE_FIELDS) as (keyof typeof RULE_FIELDS)[];
const TEXT_LISTS = ['types', 'products', 'verticals', 'countries'] as const;
const CONDITIONS = [
  ...TEXT_LISTS,
  'channels',
  'newCustomer',
  'reportedAtLeast',
  'from',
  'until',
  'monthsSinceParentBelow',
];
/** 100 %: nobody is paid more than the sale by a percentage. */
const MOST_BASIS_POINTS = 10_000;
const MOST_RULES = 100;

/** Notes the faults of a commission plan whose amounts are in `currency` (undefined: any, when the currency is not known yet). */
export function checkPlan(reader: JsonReader, value: unknown, path: string, currency?: string): void {
  const plan = reader.object(value, path, ['rules', 'conversionCap', 'windowCap']);
  if (!plan) return;
  const rules = reader.list(plan.rules, join(path, 'rules'), MOST_RULES) ?? [];
  rules.forEach((rule, index) => checkRule(reader, rule, join(join(path, 'rules'), index), currency));
  for (const cap of ['conversionCap', 'windowCap'] as const) {
    if (plan[cap] !== undefined) readMoney(reader, plan[cap], join(path, cap), { currency });
  }
}

function checkRule(reader: JsonReader, value: unknown, path: string, currency?: string): void {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (!RULE_KINDS.includes(kind as never)) {
    reader.fault(join(path, 'kind'), `Give one of ${RULE_KINDS.join(', ')}.`);
    return;
  }
  const rule = reader.object(value, path, RULE_FIELDS[kind as keyof typeof RULE_FIELDS]);
  if (!rule) return;
  if (kind === 'percentage') reader.integer(rule.basisPoints, join(path, 'basisPoints'), 0, MOST_BASIS_POINTS);
  if (kind === 'flat' || kind === 'bonus') readMoney(reader, rule.amount, join(path, 'amount'), { currency });
  if (kind === 'tiered') checkTiers(reader, rule.tiers, join(path, 'tiers'), currency);
  if (rule.when !== undefined) checkCondition(reader, rule.when, join(path, 'when'));
}

function checkTiers(reader: JsonReader, value: unknown, path: string, currency?: string): void {
  const tiers = reader.list(value, path, 20) ?? [];
  if (tiers.length === 0) reader.fault(path, 'Give at least one tier.');
  let previous = -1;
  tiers.forEach((item, index) => {
    const tier = reader.object(item, join(path, index), ['above', 'basisPoints']);
    if (!tier) return;
    reader.integer(tier.basisPoints, join(join(path, index), 'basisPoints'), 0, MOST_BASIS_POINTS);
    const above = readMoney(reader, tier.above, join(join(path, index), 'above'), { currency });
    if (!above) return;
    if (above.minor <= previous) reader.fault(join(join(path, index), 'above'), 'Give tiers in rising order.');
    previous = above.minor;
  });
}

function checkCondition(reader: JsonReader, value: unknown, path: string): void {
  const when = reader.object(value, path, CONDITIONS);
  if (!when) return;
  for (const list of TEXT_LISTS) if (when[list] !== undefined) reader.texts(when[list], join(path, list));
  if (when.channels !== undefined) checkChannels(reader, when.channels, join(path, 'channels'));
  if (when.newCustomer !== undefined) reader.boolean(when.newCustomer, join(path, 'newCustomer'));
  if (when.reportedAtLeast !== undefined) readMoney(reader, when.reportedAtLeast, join(path, 'reportedAtLeast'));
  if (when.monthsSinceParentBelow !== undefined) {
    reader.integer(when.monthsSinceParentBelow, join(path, 'monthsSinceParentBelow'), 1, 1_200);
  }
  for (const edge of ['from', 'until'] as const) {
    const instant = when[edge];
    if (instant !== undefined && !(typeof instant === 'string' && isInstant(instant))) {
      reader.fault(
        join(path, edge),
        'Give an RFC 3339 instant such as 2026-01-01T00:00:00Z, of the years 1900 to 9999.',
      );
    }
  }
}
