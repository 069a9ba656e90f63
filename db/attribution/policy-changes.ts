import { policyDiff } from '../../domain/attribution/policy-diff.ts';
import type { PolicyChange } from '../../domain/attribution/policy-diff.ts';
import { partnersNamed } from '../../domain/attribution/policy-words.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { readPartnerNames } from '../queries/partner-read.ts';
import type { Tx } from '../transaction.ts';

/** As `policyDiff`, with the names that partners have today. */
export async function policyChangesNamed(tx: Tx, before: Policy, after: Policy): Promise<PolicyChange[]> {
  const rules = [before, after].flatMap(({ exclusions, multipliers }) => [exclusions, multipliers]);
  return policyDiff(before, after, await readPartnerNames(tx, partnersNamed(...rules)));
}
