import { policyDiff } from '../../domain/attribution/policy-diff.ts';
import type { PolicyChange } from '../../domain/attribution/policy-diff.ts';
import { partnersNamed } from '../../domain/attribution/policy-words.ts';
import type { PartnerNames } from '../../domain/attribution/policy-words.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { readPartnerNames } from '../queries/partner-read.ts';
import type { Tx } from '../transaction.ts';

/** What sentences about rules need beside the rules. */
export interface Named {
  names: PartnerNames;
}

/** The names that partners have today whom the rules of these policies name. */
export async function readRuleNames(tx: Tx, policies: Iterable<Policy | undefined>): Promise<PartnerNames> {
  const rules = [...new Set(policies)].flatMap((policy) => (policy ? [policy.exclusions, policy.multipliers] : []));
  return readPartnerNames(tx, partnersNamed(...rules));
}

/** As `policyDiff`, with names of partners. */
export async function policyChangesNamed(tx: Tx, before: Policy, after: Policy): Promise<PolicyChange[]> {
  return policyDiff(before, after, await readRuleNames(tx, [before, after]));
}
