import type { Tx } from '../transaction.ts';

export interface ContractSignatory {
  side: 'partner' | 'program';
  name: string;
  title: string | null;
  at: string;
}

/** Who signed a version, the first signature first. */
export async function listSignatories(tx: Tx, contractId: string, version: number): Promise<ContractSignatory[]> {
  const { rows } = await tx.query<ContractSignatory>(
    `select side, signatory_name as name, signatory_title as title, signed_at as at from contract_signature
     where program_id = $1 and contract_id = $2 and version = $3 order by signed_at, side`,
    [tx.programId, contractId, version],
  );
  return rows;
}

/** The id of the document with both signatures, or undefined. */
export async function findSignedContract(tx: Tx, contractId: string, version: number): Promise<string | undefined> {
  const { rows } = await tx.query<{ documentId: string }>(
    `select document_id as "documentId" from signed_contract
     where program_id = $1 and contract_id = $2 and version = $3`,
    [tx.programId, contractId, version],
  );
  return rows[0]?.documentId;
}

/** Links a version with its signed copy, which is stored before in the same transaction. */
export async function insertSignedContract(
  tx: Tx,
  signed: { contractId: string; version: number; documentId: string },
): Promise<void> {
  await tx.query(
    'insert into signed_contract (program_id, contract_id, version, document_id) values ($1, $2, $3, $4)',
    [tx.programId, signed.contractId, signed.version, signed.documentId],
  );
}
