import { newId } from '../../db/ids.ts';
import { joinIntake } from '../../db/locks.ts';
import type { Pool } from '../../db/pool.ts';
import { insertFoundingPolicy, insertProgram } from '../../db/queries/program-foundation.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { defaultTerms } from '../../domain/contract/terms.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import { defaultSettings } from '../../domain/program/settings.ts';
import type { ProgramSettings } from '../../domain/program/settings.ts';

export const LINEAR: Policy = {
  name: 'Linear',
  conversionTypes: ['*'],
  model: { kind: 'linear' },
  exclusions: [],
  transforms: [],
  multipliers: [],
  lookback: { default: 'P30D', byKind: {}, byChannel: {} },
};

/** A program with its clock and one policy in force for all time. */
export async function aProgram(
  pool: Pool,
  {
    policy = LINEAR,
    currency = 'EUR',
    settings = defaultSettings(),
  }: { policy?: Policy; currency?: string; settings?: ProgramSettings } = {},
): Promise<{ programId: string; policyId: string }> {
  const programId = newId('program');
  const policyId = await inTransaction(pool, programId, async (tx) => {
    await insertProgram(tx, { name: 'Acme', currency, timeZone: 'UTC', settings });
    return insertFoundingPolicy(tx, policy, 'system');
  });
  return { programId, policyId };
}

/** 10 % of everything, monthly. */
export function tenPercent(currency = 'EUR'): Terms {
  return { ...defaultTerms(currency), plan: { rules: [{ kind: 'percentage', basisPoints: 1_000 }] } };
}

export interface PartnerPlan {
  type?: string;
  currency?: string;
  timeZone?: string;
  terms?: Terms;
  /** From when the contract holds; null: none. */
  contractFrom?: string | null;
}

/** A partner whose contract is in force, without the journey that led there. */
export async function aPartner(
  pool: Pool,
  programId: string,
  plan: PartnerPlan = {},
): Promise<{ partnerId: string; contractId: string }> {
  const partnerId = newId('partner');
  const contractId = newId('contract');
  const {
    type = 'creator',
    currency = 'EUR',
    timeZone = 'UTC',
    terms = tenPercent(currency),
    contractFrom = '2026-01-01T00:00:00Z',
  } = plan;
  await inTransaction(pool, programId, async (tx) => {
    const receivedAt = await joinIntake(tx);
    await tx.query(
      `insert into partner (program_id, id, name, email, type, country, status, status_since, workflow_id)
       values ($1, $2, $2, $2 || '@example.com', $3, 'DE', 'active', now(), 'partner/' || $2)`,
      [programId, partnerId, type],
    );
    await tx.query(
      `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, received_at)
       values ($1, $2, '2020-01-01T00:00:00Z', 'en', $3, $4, $5, $6)`,
      [programId, partnerId, timeZone, currency, type, receivedAt],
    );
    await tx.query(
      `insert into contract (program_id, id, partner_id, round, template_id, state, current_version) values ($1, $2, $3, 1, 'tpl', 'in_force', 1)`,
      [programId, contractId, partnerId],
    );
    await tx.query(
      `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
       values ($1, $2, 1, $3, $4, '', $5, now(), 'system')`,
      [programId, contractId, terms, canonicalJson(terms), contractFrom],
    );
    if (contractFrom === null) return;
    await tx.query(
      `insert into contract_fact (program_id, partner_id, contract_id, kind, version, at, received_at) values ($1, $2, $3, 'in-force', 1, $4, $5)`,
      [programId, partnerId, contractId, contractFrom, receivedAt],
    );
  });
  return { partnerId, contractId };
}

/** Adds a fact about a contract under the barrier, as the journey does: `ended`, or a further version `in-force`. */
export async function aContractFact(
  pool: Pool,
  programId: string,
  fact: { partnerId: string; contractId: string; kind: 'in-force' | 'ended'; version: number; at: string },
): Promise<void> {
  await inTransaction(pool, programId, async (tx) => {
    const receivedAt = await joinIntake(tx);
    await tx.query(
      `insert into contract_fact (program_id, partner_id, contract_id, kind, version, at, received_at) values ($1, $2, $3, $4, $5, $6, $7)`,
      [programId, fact.partnerId, fact.contractId, fact.kind, fact.version, fact.at, receivedAt],
    );
  });
}
