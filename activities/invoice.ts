import { createHash } from 'node:crypto';
import { DomainError } from '../domain/errors.ts';
import { invoiceNumber } from '../domain/invoice/number.ts';
import { newId } from '../db/ids.ts';
import { findDocument, insertDocument } from '../db/queries/document.ts';
import { recordEvent } from '../db/queries/event.ts';
import { findInvoiceOfStatement, insertInvoice, takeInvoiceNumber } from '../db/queries/invoice.ts';
import { readProgramFrame } from '../db/queries/program-settings.ts';
import { findStatement } from '../db/queries/statement.ts';
import type { StatementRow } from '../db/queries/statement.ts';
import { listStatementLines } from '../db/queries/statement-line.ts';
import { partnerAddressee } from '../db/queries/task-audience.ts';
import { findDetails, findVerifiedDetails } from '../db/queries/verified-details.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Tx } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { renderInvoice } from './documents/invoice-pdf.ts';
import type { InvoiceDocument } from './documents/invoice-pdf.ts';
import { currentWorkflow } from './workflow-context.ts';
import { zoneOf } from './zone.ts';

export interface InvoiceRequest {
  programId: string;
  statementId: string;
}

/** The self-billed document: its number first, without gaps, then its PDF, which takes too long to hold the number's lock. */
export function createInvoiceActivities({ pool }: ActivityDeps) {
  return {
    /**
     * Issues the document of a statement's new lines, or finds the one that was issued; null when there are none.
     * Dies the process before the commit, the number was not taken; after it, the repeated attempt finds the document.
     */
    async issueInvoice(request: InvoiceRequest & { at: string }): Promise<{ documentId: string } | null> {
      return inTransaction(pool, request.programId, async (tx) => {
        const standing = await findInvoiceOfStatement(tx, request.statementId);
        if (standing) return standing.documentId === null ? null : { documentId: standing.documentId };
        const statement = await existingStatement(tx, request.statementId);
        const lines = await listStatementLines(tx, statement.id);
        if (lines.length === 0) return null;
        return { documentId: await issue(tx, statement, request.at) };
      });
    },

    /** Renders and stores the PDF under the id that the document was issued with; once. */
    async storeInvoiceDocument({
      programId,
      statementId,
      documentId,
    }: InvoiceRequest & { documentId: string }): Promise<void> {
      const content = await inTransaction(pool, programId, async (tx) =>
        (await findDocument(tx, documentId)) ? undefined : readContent(tx, statementId),
      );
      if (!content) return;
      const bytes = await renderInvoice(content);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await inTransaction(pool, programId, (tx) =>
        insertDocument(tx, { id: documentId, kind: 'invoice', mediaType: 'application/pdf', sha256, bytes }),
      );
    },
  };
}

async function existingStatement(tx: Tx, id: string): Promise<StatementRow> {
  const statement = await findStatement(tx, id);
  if (!statement) throw new DomainError('not-found', `There is no statement ${id}.`);
  return statement;
}

async function issue(tx: Tx, statement: StatementRow, at: string): Promise<string> {
  const documentId = newId('document');
  const { timeZone } = await readProgramFrame(tx);
  const year = Number(zoneOf(timeZone).localDate(Date.parse(at)).slice(0, 4));
  const kind = statement.grossMinor < 0 ? 'credit-note' : 'self-billed';
  const { netMinor, vatMinor, grossMinor, currency, partnerId } = statement;
  const id = newId('invoice');
  // The counter is the last lock of the order.
  const number = await takeInvoiceNumber(tx, year);
  await insertInvoice(tx, {
    id,
    statementId: statement.id,
    partnerId,
    kind,
    year,
    number,
    netMinor,
    vatMinor,
    grossMinor,
    currency,
    documentId,
    issuedAt: at,
  });
  await recordEvent(tx, {
    kind: 'invoice.issued',
    actor: { kind: 'system' },
    subject: { type: 'invoice', id },
    partnerId,
    data: { number: invoiceNumber(year, number), statementId: statement.id, grossMinor, currency },
    at,
    workflow: currentWorkflow(),
  });
  return documentId;
}

async function readContent(tx: Tx, statementId: string): Promise<InvoiceDocument> {
  const statement = await existingStatement(tx, statementId);
  const invoice = (await findInvoiceOfStatement(tx, statementId))!;
  const partner = await partnerAddressee(tx, statement.partnerId, invoice.issuedAt);
  const details = statement.detailsId
    ? await findDetails(tx, statement.detailsId)
    : await findVerifiedDetails(tx, statement.partnerId);
  const { name: programName } = await readProgramFrame(tx);
  return {
    invoice,
    statement,
    lines: await listStatementLines(tx, statementId),
    programName,
    partnerName: partner?.name ?? statement.partnerId,
    taxCountry: details?.taxCountry ?? null,
    vatId: details?.vatId ?? null,
    language: partner?.language ?? 'en',
  };
}
