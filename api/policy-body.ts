import { readPolicy } from '../domain/attribution/policy-document.ts';
import type { Policy } from '../domain/attribution/policy.ts';
import { listMissingPartners } from '../db/queries/partner-read.ts';
import type { Tx } from '../db/transaction.ts';
import { refusedFields } from './validate.ts';

/**
 * Reads a policy as `readPolicy` does, whose rules may only name partners of the program: a rule for nobody is a slip of the pen.
 * @throws DomainError `invalid` naming every field and why
 */
export async function readPolicyBody(tx: Tx, value: unknown): Promise<Policy> {
  const policy = readPolicy(value);
  const named = (['exclusions', 'multipliers'] as const).flatMap((list) =>
    policy[list].flatMap(({ partnerId }, index) =>
      partnerId ? [{ path: `${list}.${index}.partnerId`, partnerId }] : [],
    ),
  );
  if (named.length === 0) return policy;
  const missing = new Set(
    await listMissingPartners(
      tx,
      named.map(({ partnerId }) => partnerId),
    ),
  );
  const faults = named.filter(({ partnerId }) => missing.has(partnerId));
  if (faults.length === 0) return policy;
  throw refusedFields(faults.map(({ path, partnerId }) => ({ path, message: `There is no partner ${partnerId}.` })));
}

/** A policy with changes: each field that is given replaces the whole field, and null takes an optional one out. */
export function withChanges(policy: Policy, changes: object): object {
  return Object.fromEntries(Object.entries({ ...policy, ...changes }).filter(([, value]) => value !== null));
}
