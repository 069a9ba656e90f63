import { readPolicy } from '../domain/attribution/policy-document.ts';
import type { Policy } from '../domain/attribution/policy.ts';
import { listMarkets } from '../db/queries/market.ts';
import { listMissingPartners } from '../db/queries/partner-read.ts';
import type { Tx } from '../db/transaction.ts';
import { refusedFields } from './validate.ts';

/**
 * Reads a policy as `readPolicy` does, whose rules may only name partners and markets of the program: a rule for nobody is a slip of the pen.
 * @throws DomainError `invalid` naming every field and why
 */
export async function readPolicyBody(tx: Tx, value: unknown): Promise<Policy> {
  const policy = readPolicy(value);
  await assertMarkets(tx, policy);
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

async function assertMarkets(tx: Tx, { multipliers }: Policy): Promise<void> {
  if (multipliers.every(({ market }) => market === undefined)) return;
  const codes = (await listMarkets(tx)).map(({ code }) => code);
  const faults = multipliers.flatMap(({ market }, index) =>
    market === undefined || codes.includes(market)
      ? []
      : [{ path: `multipliers.${index}.market`, message: `There is no market ${market}.` }],
  );
  if (faults.length > 0) throw refusedFields(faults);
}

/** A policy with changes: each field that is given replaces the whole field, and null takes an optional one out. */
export function withChanges(policy: Policy, changes: object): object {
  return Object.fromEntries(Object.entries({ ...policy, ...changes }).filter(([, value]) => value !== null));
}
