import { CreditColumns } from '../../../domain/attribution/columns/credit-columns.ts';
import { Crediter } from '../../../domain/attribution/columns/crediter.ts';
import { reachMicros } from '../../../domain/attribution/columns/reach.ts';
import { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import type { Beneficiary } from '../../../domain/attribution/touchpoint.ts';
import type { Tx } from '../../transaction.ts';
import { contractReachMicros } from './contract-reach.ts';
import { JourneyReader } from './read-journeys.ts';
import { sliceOfScopes } from './slice.ts';
import type { SliceScope } from './slice.ts';

/** A credit without its stamp. */
export interface BatchCredit {
  beneficiary: Beneficiary;
  channel: string;
  shareE12: number;
  minor: number;
}

/** A conversion of a batch, credited under each of the rules that were asked for. */
export interface CreditedConversion {
  id: string;
  type: string;
  occurredAt: string;
  currency: string;
  /** In the order of `rulesOf`. */
  credits: BatchCredit[][];
}

export interface BatchCredits {
  credited: CreditedConversion[];
  /** Conversions that more than their journey decides (`SliceJourneys.isSpecial`): credit these by `computeCredit`. */
  special: string[];
}

/** Each may name a content and a sub-id of its own, which are kept as objects. */
const MOST_TOUCHPOINTS = 300_000;

interface SliceConversion {
  id: string;
  type: string;
  occurredAt: string;
  currency: string;
}

/**
 * Credits many conversions at once from their journeys in arrays: the same shares and cents as `computeCredit`, at a fraction of its cost.
 * Once per transaction.
 * @returns null where the journeys are too many for memory: credit fewer conversions, or these by `computeCredit`
 * @param rulesOf the policies to credit a conversion under; null: no rule speaks of it, nobody earns it
 * @param policies all that `rulesOf` may give
 */
export async function creditBatch(
  tx: Tx,
  scopes: readonly SliceScope[],
  horizon: string,
  policies: readonly Policy[],
  rulesOf: (conversion: SliceConversion) => readonly (Policy | null)[],
): Promise<BatchCredits | null> {
  const size = await sliceOfScopes(tx, scopes, horizon);
  const reach = Math.max(reachMicros(policies), await contractReachMicros(tx));
  const journeys = await new JourneyReader(horizon).readAtMost(tx, size, reach, MOST_TOUCHPOINTS);
  if (journeys === null) return null;
  const { rows } = await tx.query<SliceConversion>(
    'select id, type, occurred_at as "occurredAt", currency from credit_slice order by no',
  );
  const crediter = new Crediter();
  const columns = new CreditColumns();
  const rules = new Map<Policy | null, RuleColumns>();
  const ruleOf = (policy: Policy | null) => {
    const known = rules.get(policy) ?? new RuleColumns(policy ?? NOBODY_EARNS);
    rules.set(policy, known);
    return known;
  };
  const batch: BatchCredits = { credited: [], special: [] };
  for (const [no, conversion] of rows.entries()) {
    if (journeys.isSpecial[no] === 1) {
      batch.special.push(conversion.id);
      continue;
    }
    const credits = rulesOf(conversion).map((policy) => {
      const rule = ruleOf(policy);
      columns.clear();
      crediter.creditOne(journeys, no, rule, columns);
      return namedCredits(columns, rule);
    });
    batch.credited.push({ ...conversion, credits });
  }
  return batch;
}

/** Where no policy speaks of a conversion, everything is `unattributed`. */
const NOBODY_EARNS: Policy = {
  name: 'none',
  conversionTypes: ['*'],
  model: { kind: 'linear' },
  exclusions: [
    { beneficiary: 'partner', mode: 'always' },
    { beneficiary: 'channel', mode: 'always' },
  ],
  transforms: [],
  multipliers: [],
  lookback: { default: 'PT0S', byKind: {}, byChannel: {} },
};

function namedCredits(columns: CreditColumns, rule: RuleColumns): BatchCredit[] {
  return Array.from({ length: columns.length }, (_, index) => ({
    ...rule.claimants[columns.claimant[index]!]!,
    shareE12: columns.shareE12[index]!,
    minor: columns.minor[index]!,
  }));
}
