import { DomainError } from '../../domain/errors.ts';
import type { Pool } from '../pool.ts';
import { inTransaction } from '../transaction.ts';
import type { Tx } from '../transaction.ts';
import { digestedBody, digestOfBody } from './body-digest.ts';
import { insertErrors } from './error.ts';
import { compressionFault, faultOf, readHeaderLine } from './file-fault.ts';
import { endImport } from './import.ts';
import { packRecords } from './record.ts';
import type { ImportRecord, LineFault } from './record.ts';
import { RecordSplitter } from './record-splitter.ts';
import { readRow, textOf } from './row.ts';
import { UploadTurn } from './upload-turn.ts';
import type { UploadedImport } from './upload-turn.ts';

const CHUNK_BYTES = 1_048_576;
const CHUNK_ROWS = 5_000;
/** A partner is a workflow of its own: small chunks lose little when a worker dies. */
const CHUNK_PARTNERS = 50;
/** Bytes that fill no chunk for so long are told of by themselves, so that a slow upload is not taken for one that broke off. */
const GO_ON_MS = 60_000;

export interface Upload extends UploadedImport {
  /** Checks a row and gives what is kept of it, as JSON; without it rows are kept as sent. @throws Refusal */
  check?(value: unknown): unknown;
  /** How often bytes that fill no chunk are told of; for tests. */
  goOnMs?: number;
}

/**
 * Streams a body into chunks of whole records, in flat memory. The same id again begins anew until it is complete; a complete one is left as
 * it is, and so is one that has ended. Of two at once the later wins.
 * @throws DomainError `conflict` when another upload of the same import took over, `idempotency-key-reused` when a complete one had other bytes
 */
export async function uploadImport(
  pool: Pool,
  programId: string,
  upload: Upload,
  sent: AsyncIterable<Buffer>,
): Promise<void> {
  const turn = await UploadTurn.begin(pool, programId, upload);
  if (turn === null) return assertSameUpload(pool, programId, upload.id, sent);
  const body = digestedBody(sent);
  const splitter = new RecordSplitter(upload.format);
  const isCsv = upload.format === 'csv';
  let columns: string[] | null = null;
  let fileFault: LineFault | null = null;
  let records: ImportRecord[] = [];
  let [bytes, no, total] = [0, 0, 0];
  let doubtful = { no, total };
  let toldAt = performance.now();
  const mostRows = upload.kind === 'partners' ? CHUNK_PARTNERS : CHUNK_ROWS;
  const flush = async () => {
    const chunk = packRecords(records);
    await turn.addChunk(no, chunk, total);
    toldAt = performance.now();
    no += 1;
    records = [];
    bytes = 0;
  };
  const take = async (found: readonly ImportRecord[]) => {
    fileFault ??= compressionFault(splitter.start);
    for (const record of found) {
      if (fileFault) return;
      if (isCsv && !columns) {
        const header = readHeaderLine(upload.kind, record);
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
        ({ no, total } = doubtful);
        await turn.dropChunks(no, total);
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
  for await (const part of body) {
    await take(splitter.push(part));
    if (performance.now() - toldAt < (upload.goOnMs ?? GO_ON_MS)) continue;
    await turn.goOn(total);
    toldAt = performance.now();
  }
  await take(splitter.end());
  if (isCsv && !columns)
    fileFault ??= { code: 'header', detail: 'The file is empty; its first line names the columns.' };
  if (records.length > 0) await flush();
  const whole = { columns: upload.check ? null : columns, chunks: no, total, digest: body.digest() };
  await turn.finish(upload.by, whole, async (tx) => {
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
