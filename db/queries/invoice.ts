import type { Tx } from '../transaction.ts';

/** A self-billed document about the new lines of one statement. */
export interface InvoiceRow {
  id: string;
  statementId: string;
  partnerId: string;
  kind: 'self-billed' | 'credit-note';
  year: number;
  number: number;
  netMinor: number;
  vatMinor: number;
  grossMinor: number;
  currency: string;
  documentId: string | null;
  issuedAt: string;
}

const COLUMNS = `id, statement_id as "statementId", partner_id as "partnerId", kind, year, number, net_minor as "netMinor",
  vat_minor as "vatMinor", gross_minor as "grossMinor", currency, document_id as "documentId", issued_at as "issuedAt"`;

export async function findInvoiceOfStatement(tx: Tx, statementId: string): Promise<InvoiceRow | undefined> {
  const { rows } = await tx.query<InvoiceRow>(
    `select ${COLUMNS} from invoice where program_id = $1 and statement_id = $2`,
    [tx.programId, statementId],
  );
  return rows[0];
}

/**
 * The next number of the program and year. The counter's row stays locked until the end of the transaction, so this comes last:
 * a rollback gives the number back, and none is ever skipped.
 */
export async function takeInvoiceNumber(tx: Tx, year: number): Promise<number> {
  const { rows } = await tx.query<{ last_number: number }>(
    `insert into invoice_counter (program_id, year, last_number) values ($1, $2, 1)
     on conflict (program_id, year) do update set last_number = invoice_counter.last_number + 1
     returning last_number`,
    [tx.programId, year],
  );
  return rows[0]!.last_number;
}

export async function insertInvoice(tx: Tx, invoice: InvoiceRow): Promise<void> {
  await tx.query(
    `insert into invoice (program_id, id, statement_id, partner_id, kind, year, number, net_minor, vat_minor, gross_minor,
       currency, document_id, issued_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      tx.programId,
      invoice.id,
      invoice.statementId,
      invoice.partnerId,
      invoice.kind,
      invoice.year,
      invoice.number,
      invoice.netMinor,
      invoice.vatMinor,
      invoice.grossMinor,
      invoice.currency,
      invoice.documentId,
      invoice.issuedAt,
    ],
  );
}
