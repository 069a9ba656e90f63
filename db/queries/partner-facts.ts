import type { Terms } from '../../domain/contract/terms.ts';
import type { Tx } from '../transaction.ts';

/** What holds for a partner from an instant on; `effectiveFrom` null: before everything. */
export interface ProfileFact {
  partnerId: string;
  effectiveFrom: string | null;
  type: string;
  marketCode: string | null;
  timeZone: string;
}

/** Types, markets and zones of these partners over time, oldest first; a partner without a profile has what its row says. */
export async function readProfiles(tx: Tx, partnerIds: readonly string[]): Promise<ProfileFact[]> {
  const { rows } = await tx.query<ProfileFact>(
    `select p.id as "partnerId", f.effective_from as "effectiveFrom", coalesce(f.type, p.type) as type,
       coalesce(f.market_code, p.market_code) as "marketCode", coalesce(f.time_zone, 'UTC') as "timeZone"
     from partner p
     left join partner_profile f on f.program_id = p.program_id and f.partner_id = p.id
     where p.program_id = $1 and p.id = any ($2)
     order by p.id, f.effective_from nulls first`,
    [tx.programId, partnerIds],
  );
  return rows;
}

/** One fact about a contract, received before the horizon; `terms` are those of the version. */
export interface ContractFactRow {
  partnerId: string;
  contractId: string;
  kind: 'in-force' | 'ended';
  version: number;
  at: string;
  terms: Terms;
}

export async function readContractFacts(
  tx: Tx,
  partnerIds: readonly string[],
  horizon: string,
): Promise<ContractFactRow[]> {
  const { rows } = await tx.query<ContractFactRow>(
    `select f.partner_id as "partnerId", f.contract_id as "contractId", f.kind, f.version, f.at, v.terms
     from contract_fact f
     join contract_version v on v.program_id = f.program_id and v.contract_id = f.contract_id and v.version = f.version
     where f.program_id = $1 and f.partner_id = any ($2) and f.received_at < $3
     order by f.partner_id, f.at, f.contract_id, f.version`,
    [tx.programId, partnerIds, horizon],
  );
  return rows;
}

/** Partners with a contract that was ever in force, for whom windows must exist. */
export async function listContractedPartners(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ partner_id: string }>(
    `select distinct partner_id from contract_fact where program_id = $1 and kind = 'in-force' order by 1`,
    [tx.programId],
  );
  return rows.map((row) => row.partner_id);
}
