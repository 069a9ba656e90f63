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

/**
 * The signatures of an amendment by consent: the team signed by proposing the version, the partner by accepting it. Both sides sign the hash
 * that was proposed; a signature that is there stands.
 */
export async function insertConsent(
  tx: Tx,
  consent: { contractId: string; version: number; acceptedBy: string; acceptedAt: string },
): Promise<void> {
  await tx.query(
    `insert into contract_signature (program_id, contract_id, version, side, signatory_name, accepted_hash, signed_by, signed_at)
     select v.program_id, v.contract_id, v.version, s.side, s.name, v.hash, s.by, s.at
     from contract_version v
     join contract c on c.program_id = v.program_id and c.id = v.contract_id
     join partner p on p.program_id = c.program_id and p.id = c.partner_id
     join program g on g.program_id = v.program_id
     left join app_user u on u.program_id = v.program_id and u.id = v.offered_by
     cross join lateral (values
       ('program', coalesce(u.name, g.name), v.offered_by, v.offered_at),
       ('partner', p.name, $4::text, $5::timestamptz)) as s (side, name, by, at)
     where v.program_id = $1 and v.contract_id = $2 and v.version = $3
     on conflict (program_id, contract_id, version, side) do nothing`,
    [tx.programId, consent.contractId, consent.version, consent.acceptedBy, consent.acceptedAt],
  );
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
