import type { Tx } from '../transaction.ts';

export interface StoredDocument {
  id: string;
  /** `invoice`, `contract`, … */
  kind: string;
  mediaType: string;
  /** Hex, of the bytes. */
  sha256: string;
  bytes: Buffer;
}

/** Stores a document once; the same id or the same bytes of that kind again change nothing. */
export async function insertDocument(tx: Tx, document: StoredDocument): Promise<void> {
  await tx.query(
    `insert into document (program_id, id, kind, media_type, sha256, bytes)
     values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing`,
    [tx.programId, document.id, document.kind, document.mediaType, document.sha256, document.bytes],
  );
}

export async function findDocument(tx: Tx, id: string): Promise<StoredDocument | undefined> {
  const { rows } = await tx.query<StoredDocument>(
    'select id, kind, media_type as "mediaType", sha256, bytes from document where program_id = $1 and id = $2',
    [tx.programId, id],
  );
  return rows[0];
}
