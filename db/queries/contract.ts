import type { Terms } from '../../domain/contract/terms.ts';
import { newId } from '../ids.ts';
import type { Tx } from '../transaction.ts';

export interface ContractTemplate {
  id: string;
  name: string;
  terms: Terms;
  body: string;
}

/** The newest active template for a partner type; one made for that type before one for all. */
export async function findContractTemplate(tx: Tx, partnerType: string): Promise<ContractTemplate | undefined> {
  const { rows } = await tx.query<ContractTemplate>(
    `select id, name, terms, body from contract_template
     where program_id = $1 and active and (cardinality(partner_types) = 0 or $2 = any (partner_types))
     order by cardinality(partner_types) = 0, created_at desc, id desc
     limit 1`,
    [tx.programId, partnerType],
  );
  return rows[0];
}

/** The contract of a partner's round, made when it is not there. The partner's row is locked by the caller. */
export async function ensureContract(
  tx: Tx,
  contract: { partnerId: string; round: number; templateId: string },
): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    'select id from contract where program_id = $1 and partner_id = $2 and round = $3',
    [tx.programId, contract.partnerId, contract.round],
  );
  if (rows[0]) return rows[0].id;
  const id = newId('contract');
  await tx.query(
    `insert into contract (program_id, id, partner_id, round, template_id, state) values ($1, $2, $3, $4, $5, 'offered')`,
    [tx.programId, id, contract.partnerId, contract.round, contract.templateId],
  );
  return id;
}

export interface ContractVersionRow {
  contractId: string;
  partnerId: string;
  version: number;
  terms: Terms;
  hash: string;
  body: string;
  effectiveFrom: string | null;
  documentId: string | null;
}

export async function findContractVersion(
  tx: Tx,
  contractId: string,
  version: number,
): Promise<ContractVersionRow | undefined> {
  const { rows } = await tx.query<ContractVersionRow>(
    `select v.contract_id as "contractId", c.partner_id as "partnerId", v.version, v.terms, v.hash, v.body,
       v.effective_from as "effectiveFrom", v.document_id as "documentId"
     from contract_version v join contract c on c.program_id = v.program_id and c.id = v.contract_id
     where v.program_id = $1 and v.contract_id = $2 and v.version = $3`,
    [tx.programId, contractId, version],
  );
  return rows[0];
}

export interface NewContractVersion extends Omit<ContractVersionRow, 'partnerId'> {
  reason: string | null;
  offeredAt: string;
  offeredBy: string;
}

/** Adds a version and makes it the contract's current one; the same version again changes nothing. @returns whether it was added */
export async function insertContractVersion(tx: Tx, version: NewContractVersion): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, document_id, reason, offered_at, offered_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (program_id, contract_id, version) do nothing`,
    [
      tx.programId,
      version.contractId,
      version.version,
      version.terms,
      version.hash,
      version.body,
      version.effectiveFrom,
      version.documentId,
      version.reason,
      version.offeredAt,
      version.offeredBy,
    ],
  );
  await tx.query(
    'update contract set current_version = greatest(current_version, $3) where program_id = $1 and id = $2',
    [tx.programId, version.contractId, version.version],
  );
  return rowCount === 1;
}

export type ContractState = 'offered' | 'signed' | 'in_force' | 'refused' | 'expired' | 'ended';

export async function updateContractState(tx: Tx, contractId: string, state: ContractState): Promise<void> {
  await tx.query('update contract set state = $3 where program_id = $1 and id = $2', [tx.programId, contractId, state]);
}

export interface NewSignature {
  contractId: string;
  version: number;
  side: 'partner' | 'program';
  signatoryName: string;
  signatoryTitle: string | null;
  acceptedHash: string;
  signedBy: string;
  signedAt: string;
}

/** One signature per side and version; the first stands. @returns whether it is new */
export async function insertSignature(tx: Tx, signature: NewSignature): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into contract_signature (program_id, contract_id, version, side, signatory_name, signatory_title, accepted_hash, signed_by, signed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (program_id, contract_id, version, side) do nothing`,
    [
      tx.programId,
      signature.contractId,
      signature.version,
      signature.side,
      signature.signatoryName,
      signature.signatoryTitle,
      signature.acceptedHash,
      signature.signedBy,
      signature.signedAt,
    ],
  );
  return rowCount === 1;
}

export interface NewContractFact {
  partnerId: string;
  contractId: string;
  kind: 'in-force' | 'ended';
  version: number;
  at: string;
  /** The stamp of the intake barrier, which the caller's transaction has joined. */
  receivedAt: string;
}

/** A fact that credit depends on. @returns whether it is new */
export async function insertContractFact(tx: Tx, fact: NewContractFact): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into contract_fact (program_id, partner_id, contract_id, kind, version, at, received_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (program_id, contract_id, kind, version) do nothing`,
    [tx.programId, fact.partnerId, fact.contractId, fact.kind, fact.version, fact.at, fact.receivedAt],
  );
  return rowCount === 1;
}

/** The newest version of a contract that came into force, or undefined. */
export async function findVersionInForce(tx: Tx, contractId: string): Promise<number | undefined> {
  const { rows } = await tx.query<{ version: number }>(
    `select version from contract_fact where program_id = $1 and contract_id = $2 and kind = 'in-force' order by version desc limit 1`,
    [tx.programId, contractId],
  );
  return rows[0]?.version;
}
