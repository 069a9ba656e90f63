import type { CurrencyWindow } from '../../domain/contract/currency-change.ts';
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

/** The windows of these contracts, in order, with the currency of each. */
export async function readCurrencyWindows(
  tx: Tx,
  contractIds: readonly string[],
): Promise<(CurrencyWindow & { contractId: string })[]> {
  const { rows } = await tx.query<CurrencyWindow & { contractId: string }>(
    `select w.contract_id as "contractId", w.from_at as "fromAt", w.to_at as "toAt", w.currency
     from contract c
     join attribution_window w on w.program_id = c.program_id and w.partner_id = c.partner_id and w.contract_id = c.id
     where c.program_id = $1 and c.id = any ($2)
     order by w.contract_id, w.no`,
    [tx.programId, contractIds],
  );
  return rows;
}

/**
 * Partners whose calendar has not reached `at` and goes on: a contract that was ever in force runs past their newest window. Partners whose
 * contracts all ended are left out, so that the cost of looking follows those who are active; those of `afterEndOf` are in all the same.
 * @param at RFC 3339
 */
export async function listPartnersBehind(tx: Tx, at: string, afterEndOf: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ partner_id: string }>(
    `with contract as (
       select partner_id, contract_id, min(at) filter (where kind = 'ended') as ended_at
       from contract_fact
       where program_id = $1
       group by partner_id, contract_id
       having bool_or(kind = 'in-force')
     )
     select distinct c.partner_id
     from contract c
     left join lateral (
       select w.from_at, w.to_at
       from attribution_window w
       where w.program_id = $1 and w.partner_id = c.partner_id
       order by w.no desc
       limit 1
     ) newest on true
     where (newest.from_at is null or newest.from_at <= $2)
       and (c.ended_at is null or newest.to_at is null or c.ended_at > newest.to_at or c.partner_id = any ($3))
     order by c.partner_id`,
    [tx.programId, at, afterEndOf],
  );
  return rows.map((row) => row.partner_id);
}
