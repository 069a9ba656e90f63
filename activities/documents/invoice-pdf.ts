import { invoiceNumber } from '../../domain/invoice/number.ts';
import { moneyText } from '../../domain/money/format.ts';
import type { InvoiceRow } from '../../db/queries/invoice.ts';
import type { StatementLine } from '../../db/queries/statement-line.ts';
import type { StatementRow } from '../../db/queries/statement.ts';
import { invoiceTexts } from './invoice-texts.ts';
import type { InvoiceTexts } from './invoice-texts.ts';
import { drawRow, renderPdf } from './pdf.ts';
import type { Pdf } from './pdf.ts';

export interface InvoiceDocument {
  invoice: InvoiceRow;
  statement: StatementRow;
  lines: readonly StatementLine[];
  programName: string;
  partnerName: string;
  taxCountry: string | null;
  vatId: string | null;
  /** BCP 47, of the partner. */
  language: string;
}

const MONEY_X = 370;
const MONEY_WIDTH = 113;

/** The self-billed document of a statement in the partner's language. Amounts are of new lines only; carry stands below them. */
export function renderInvoice(document: InvoiceDocument): Promise<Buffer> {
  const { invoice } = document;
  const texts = invoiceTexts(document.language);
  const title = invoice.kind === 'credit-note' ? texts.creditNote : texts.invoice;
  return renderPdf(`${title} ${invoiceNumber(invoice.year, invoice.number)}`, (pdf) => {
    pdf.font('bold').fontSize(16).text(title).font('regular').fontSize(10).moveDown();
    drawHead(pdf, document, texts);
    drawLines(pdf, document, texts);
    drawTotals(pdf, document, texts);
    pdf.moveDown().fontSize(8).text(texts.selfBilled);
    if (document.statement.vatMode === 'reverse-charge') pdf.text(texts.reverseCharge);
  });
}

function drawHead(
  pdf: Pdf,
  { invoice, programName, partnerName, taxCountry, vatId }: InvoiceDocument,
  texts: InvoiceTexts,
): void {
  const supplier = [partnerName, taxCountry, vatId].filter(Boolean).join(', ');
  for (const [name, value] of [
    [texts.number, invoiceNumber(invoice.year, invoice.number)],
    [texts.date, invoice.issuedAt.slice(0, 10)],
    [texts.to, supplier],
    [texts.from, programName],
  ] as const) {
    drawRow(pdf, [
      { text: name, x: 0, width: 150 },
      { text: value, x: 160, width: 320 },
    ]);
  }
  pdf.moveDown();
}

function drawLines(pdf: Pdf, { lines }: InvoiceDocument, texts: InvoiceTexts): void {
  pdf.font('bold');
  drawLine(pdf, ['', texts.order, texts.when, texts.amount]);
  pdf.font('regular');
  for (const line of lines) {
    drawLine(pdf, [
      texts.kinds[line.kind] ?? line.kind,
      line.conversionExternalId ?? line.reason ?? '',
      line.conversionAt?.slice(0, 10) ?? '',
      moneyText(line),
    ]);
  }
  pdf.moveDown();
}

function drawLine(pdf: Pdf, [kind, order, when, amount]: readonly [string, string, string, string]): void {
  drawRow(pdf, [
    { text: kind, x: 0, width: 90 },
    { text: order, x: 95, width: 185 },
    { text: when, x: 285, width: 80 },
    { text: amount, x: MONEY_X, width: MONEY_WIDTH, align: 'right' },
  ]);
}

function drawTotals(pdf: Pdf, { invoice, statement }: InvoiceDocument, texts: InvoiceTexts): void {
  const { currency } = invoice;
  const total = (name: string, minor: number) =>
    drawRow(pdf, [
      { text: name, x: 95, width: 270 },
      { text: moneyText({ minor, currency }), x: MONEY_X, width: MONEY_WIDTH, align: 'right' },
    ]);
  total(texts.net, invoice.netMinor);
  if (statement.vatMode === 'add' || statement.vatMode === 'included') {
    total(`${texts.vat} ${statement.vatRateBps / 100} %`, invoice.vatMinor);
  }
  pdf.font('bold');
  total(texts.gross, invoice.grossMinor);
  pdf.font('regular');
  if (statement.carryInGrossMinor !== 0) total(texts.carryIn, statement.carryInGrossMinor);
  if (statement.amountMinor > 0) total(texts.toPay, statement.amountMinor);
  else total(texts.carried, statement.carryOutGrossMinor);
}
