import { createHash } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { newId } from '../db/ids.ts';
import type { Pool } from '../db/pool.ts';
import { findContractVersion } from '../db/queries/contract.ts';
import { insertDocument } from '../db/queries/document.ts';
import { queueMail } from '../db/queries/mail-outbox.ts';
import { lockPartner } from '../db/queries/partner.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findSignedContract, insertSignedContract, listSignatories } from '../db/queries/signed-contract.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import { renderContract } from './documents/contract-pdf.ts';
import type { ContractDocument } from './documents/contract-pdf.ts';

/** Which version both sides signed. */
export interface SignedVersion {
  programId: string;
  partnerId: string;
  contractId: string;
  version: number;
  /** When the second side signed. */
  at: string;
}

/**
 * Renders the copy with both signatures, stores it and mails its link to the partner; once per version. The PDF is made outside of a
 * transaction, because it takes long.
 */
export async function storeSignedContract(pool: Pool, signed: SignedVersion): Promise<void> {
  const { programId, partnerId, contractId, version, at } = signed;
  const content = await inTransaction(pool, programId, (tx) => readContent(tx, signed));
  if (!content) return;
  const bytes = await renderContract(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const documentId = newId('document');
  await inTransaction(pool, programId, async (tx) => {
    // An attempt that was given up may have come first: the partner's lock is the order among them.
    await lockPartner(tx, partnerId);
    if (await findSignedContract(tx, contractId, version)) return;
    await insertDocument(tx, { id: documentId, kind: 'signed-contract', mediaType: 'application/pdf', sha256, bytes });
    await insertSignedContract(tx, { contractId, version, documentId });
    const to = await partnerAddressee(tx, partnerId, at);
    if (!to) return;
    await queueMail(tx, {
      key: `contract/${contractId}/${version}/signed`,
      template: 'contract-signed',
      language: to.language,
      to: { name: to.name, address: to.address },
      data: { contractId, documentOf: version },
      partnerId,
    });
  });
}

async function readContent(tx: Tx, signed: SignedVersion): Promise<ContractDocument | undefined> {
  const { contractId, version, partnerId, at } = signed;
  if (await findSignedContract(tx, contractId, version)) return undefined;
  const row = await findContractVersion(tx, contractId, version);
  if (!row) throw new DomainError('not-found', `The contract has no version ${version}.`);
  const partner = await partnerAddressee(tx, partnerId, at);
  const { terms, hash, body, effectiveFrom } = row;
  return {
    ...{ contractId, version, terms, hash, body, effectiveFrom },
    programName: (await readProgramFrame(tx)).name,
    partnerName: partner?.name ?? partnerId,
    language: partner?.language ?? 'en',
    signatures: await listSignatories(tx, contractId, version),
  };
}
