import { randomUUID } from 'node:crypto';
import type { Actor } from '../../domain/actor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { Pool } from '../pool.ts';
import { recordEvent } from '../queries/event.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { digestedBody, digestOfBody } from './body-digest.ts';
import { insertErrors } from './error.ts';
import { compressionFault, faultOf, readHeaderLine } from './file-fault.ts';
import { endImport, getImport } from './import.ts';
import type { ImportFormat, ImportKind } from './kind.ts';
import { packRecords } from './record.ts';
import type { ImportRecord, LineFault } from './record.ts';
import { RecordSplitter } from './record-splitter.ts';
import { readRow, textOf } from './row.ts';

const CHUNK_BYTES = 1_048_576;
const CHUNK_ROWS = 5_000;
/** A partner is a workflow of its own: small chunks lose little when a worker dies. */
const CHUNK_PARTNERS = 50;

export interface Upload {
  id: string;
  kind: ImportKind;
  format: ImportFormat;
  by: Actor;
  /** Checks a row and gives what is kept of it, as JSON; without it rows are kept as sent. @throws Refusal */
  check?(value: unknown): unknown;
}

/**
 * Streams a body into chunks of whole records, in flat memory. The same id again begins anew until it is complete; a complete one is left as
 * it is. Of two at once the later wins.
 * @throws DomainError `conflict` when another upload of the same import took over, `idempotency-key-reused` when a complete one had other bytes
 */
export async function uploadImport(
  pool: Pool,
  programId: string,
  upload: Upload,
  sent: AsyncIterable<Buffer>,
): Promise<void> {
  const token = await inTransaction(pool, programId, (tx) => beginUpload(tx, upload));
  if (token === null) return assertSameUpload(pool, programId, upload.id, sent);
  const body = digestedBody(sent);
  const splitter = new RecordSplitter(upload.format);
  const isCsv = upload.format === 'csv';
  let columns: string[] | null = null;
  let fileFault: LineFault | null = null;
  let records: ImportRecord[] = [];
  let [bytes, no, total] = [0, 0, 0];
  let doubtful = { no, total };
  const mostRows = upload.kind === 'partners' ? CHUNK_PARTNERS : CHUNK_ROWS;
  const flush = async () => {
    const chunk = packRecords(records);
    await inTransaction(pool, programId, (tx) => insertChunk(tx, upload.id, token, no, chunk));
    no += 1;
    records = [];
    bytes = 0;
  };
  const take = async (found: readonly ImportRecord[]) => {
    fileFault ??= compressionFault(splitter.start);
    for (const record of found) {
      if (fileFault) return;
      if (isCsv && !columns) {
        const header = readHeaderLine(record);
        if ('columns' in header) ({ columns } = header);
        else fileFault = header;
        continue;
      }
      // What a doubt may take back lies in chunks of its own.
      if (record.doubt === 'opens') {
        if (records.length > 0) await flush();
        doubtful = { no, total };
      }
      if (record.doubt === 'replaces') {
        await inTransaction(pool, programId, (tx) => deleteChunks(tx, upload.id, token, doubtful.no));
        ({ no, total } = doubtful);
        [records, bytes] = [[], 0];
      }
      const kept = checked(upload, columns, record);
      if (bytes + kept.bytes.length > CHUNK_BYTES || records.length === mostRows) await flush();
      // Copied out of the network's buffer, which would live as long as a slice of it.
      records.push({ ...kept, bytes: Buffer.from(kept.bytes) });
      bytes += kept.bytes.length;
      total += 1;
    }
  };
  // What cannot be used is read to its end all the same: the sender waits for an answer, not for a broken connection.
  for await (const part of body) await take(splitter.push(part));
  await take(splitter.end());
  if (isCsv && !columns)
    fileFault ??= { code: 'header', detail: 'The file is empty; its first line names the columns.' };
  if (records.length > 0) await flush();
  const finish = { columns: upload.check ? null : columns, chunks: no, total, digest: body.digest() };
  await inTransaction(pool, programId, async (tx) => {
    await finishUpload(tx, upload, token, finish);
    if (fileFault) await refuseFile(tx, upload.id, fileFault);
  });
}

/**
 * Reads a body that comes again for an import to its end. Imports that were complete before digests were kept, and those that ended before their
 * body was, compare with nothing.
 * @throws DomainError `idempotency-key-reused` when the complete import had other bytes
 */
export async function assertSameUpload(
  pool: Pool,
  programId: string,
  importId: string,
  body: AsyncIterable<Buffer>,
): Promise<void> {
  const digest = await digestOfBody(body);
  const kept = await inTransaction(pool, programId, async (tx) => {
    const { rows } = await tx.query<{ upload: string | null }>(
      'select upload from import where program_id = $1 and id = $2 and chunks is not null',
      [tx.programId, importId],
    );
    return rows[0]?.upload;
  });
  if (!kept?.startsWith('sha256:') || kept === digest) return;
  throw new DomainError(
    'idempotency-key-reused',
    `Another file came with this Idempotency-Key before, as ${importId}; give each file a new one.`,
  );
}

function checked({ kind, check }: Upload, columns: readonly string[] | null, record: ImportRecord): ImportRecord {
  if (!check || record.fault) return record;
  try {
    const value = check(readRow(kind, columns, textOf(record.bytes)));
    return { line: record.line, bytes: Buffer.from(JSON.stringify(value)) };
  } catch (error) {
    return { line: record.line, bytes: Buffer.alloc(0), fault: faultOf(error) };
  }
}

/** @returns the right to add chunks, or null when the import is complete already */
async function beginUpload(tx: Tx, { id, kind, format, by }: Upload): Promise<string | null> {
  const token = randomUUID();
  await tx.query(
    `insert into import (program_id, id, kind, format, created_by, created_by_kind) values ($1, $2, $3, $4, $5, $6)
     on conflict (program_id, id) do nothing`,
    [tx.programId, id, kind, format, by.id ?? '', by.kind],
  );
  const { rowCount } = await tx.query(
    `update import set upload = $3 where program_id = $1 and id = $2 and chunks is null and state = 'queued'`,
    [tx.programId, id, token],
  );
  if (rowCount === 0) return null;
  await tx.query('delete from import_chunk where program_id = $1 and import_id = $2', [tx.programId, id]);
  return token;
}

/** Takes the import's row first, so that an upload that took over has either cleared this chunk or refuses it. */
async function insertChunk(tx: Tx, importId: string, token: string, no: number, bytes: Buffer): Promise<void> {
  await takeTurn(tx, importId, token);
  await tx.query('insert into import_chunk (program_id, import_id, no, bytes) values ($1, $2, $3, $4)', [
    tx.programId,
    importId,
    no,
    bytes,
  ]);
}

async function deleteChunks(tx: Tx, importId: string, token: string, from: number): Promise<void> {
  await takeTurn(tx, importId, token);
  await tx.query('delete from import_chunk where program_id = $1 and import_id = $2 and no >= $3', [
    tx.programId,
    importId,
    from,
  ]);
}

async function takeTurn(tx: Tx, importId: string, token: string): Promise<void> {
  const { rowCount } = await tx.query(
    'select from import where program_id = $1 and id = $2 and upload = $3 and chunks is null for no key update',
    [tx.programId, importId, token],
  );
  if (rowCount === 0) throw tookOver(importId);
}

async function finishUpload(
  tx: Tx,
  { id, by }: Upload,
  token: string,
  { columns, chunks, total, digest }: { columns: string[] | null; chunks: number; total: number; digest: string },
): Promise<void> {
  // The token is of no more use; what takes its place tells the same file from another.
  const { rowCount } = await tx.query(
    `update import set columns = $4, chunks = $5, total = $6, upload = $7
     where program_id = $1 and id = $2 and upload = $3 and chunks is null`,
    [tx.programId, id, token, columns, chunks, total, digest],
  );
  if (rowCount === 0) throw tookOver(id);
  const { createdAt } = await getImport(tx, id);
  await recordEvent(tx, {
    kind: 'import.received',
    actor: by,
    at: createdAt,
    subject: { type: 'import', id },
    data: { total },
  });
}

async function refuseFile(tx: Tx, importId: string, fault: LineFault): Promise<void> {
  await insertErrors(tx, importId, [{ line: 1, ...fault }]);
  await endImport(
    tx,
    importId,
    'failed',
    (fault.code === 'header' ? `The first line is not a header that can be used: ${fault.detail}` : fault.detail).slice(
      0,
      1_000,
    ),
  );
}

function tookOver(importId: string): DomainError {
  return new DomainError('conflict', `The import ${importId} is being sent by another request.`);
}
