import { DomainError } from '../../domain/errors.ts';
import { invoiceNumber } from '../../domain/invoice/number.ts';
import { moneyText } from '../../domain/money/format.ts';
import { findDocument } from '../../db/queries/document.ts';
import { findInvoiceOfStatement } from '../../db/queries/invoice.ts';
import { listPayoutsOfStatement } from '../../db/queries/payout.ts';
import { findStatement, listStatements } from '../../db/queries/statement.ts';
import type { StatementRow } from '../../db/queries/statement.ts';
import { listStatementLines } from '../../db/queries/statement-line.ts';
import type { Tx } from '../../db/transaction.ts';
import { partnerFilter, reading } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { statement, statementDetail, statementQuery } from '../contracts/money.ts';
import { preferred } from '../media-type.ts';
import { afterCursor, toPage } from '../page.ts';
import { renderSections } from '../pdf.ts';
import { MONEY_READERS_AND_PARTNER } from '../roles.ts';
import { ok, route } from '../route.ts';

export const STATEMENT_ROUTES = [
  route({
    id: 'statements.list',
    method: 'get',
    path: '/v1/statements',
    tag: 'Money',
    summary: 'Statements, newest first',
    roles: MONEY_READERS_AND_PARTNER,
    query: statementQuery,
    answer: { status: 200, schema: pageOf(statement) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit } = call.query;
        const partnerId = partnerFilter(call, call.query.partnerId);
        const rows = await listStatements(tx, { partnerId, before: afterCursor(call.query), limit: limit + 1 });
        return ok(toPage(rows, limit, ({ id }) => id, showStatement));
      }),
  }),
  route({
    id: 'statements.get',
    method: 'get',
    path: '/v1/statements/{id}',
    tag: 'Money',
    summary: 'One statement with its lines; as PDF its self-billed document',
    roles: MONEY_READERS_AND_PARTNER,
    subject: { kind: 'statement', param: 'id' },
    answer: {
      status: 200,
      schema: statementDetail,
      mediaTypes: ['application/json', 'application/pdf', 'application/xml'],
    },
    handle: async (call) => {
      const mediaType = preferred(call.request, 'application/pdf', 'application/xml');
      const { id } = call.params;
      if (mediaType === 'application/xml') {
        throw new DomainError('not-found', 'There is no UBL document of this statement; ask for application/pdf.');
      }
      if (mediaType === 'application/json') return ok(await reading(call, (tx) => readStatement(tx, id)));
      const stored = await reading(call, (tx) => findInvoiceFile(tx, id));
      const bytes = stored ?? (await renderStatement(await reading(call, (tx) => readStatement(tx, id))));
      return { status: 200, bytes, mediaType, headers: { 'Content-Disposition': `inline; filename="${id}.pdf"` } };
    },
  }),
];

async function findInvoiceFile(tx: Tx, statementId: string): Promise<Buffer | undefined> {
  const invoice = await findInvoiceOfStatement(tx, statementId);
  const document = invoice?.documentId ? await findDocument(tx, invoice.documentId) : undefined;
  return document?.bytes;
}

/** A statement with lines, invoice and payouts. */
export async function readStatement(tx: Tx, id: string) {
  const row = (await findStatement(tx, id))!;
  const invoice = await findInvoiceOfStatement(tx, id);
  const lines = (await listStatementLines(tx, id)).map(({ minor, currency, conversionAt, ...line }) => ({
    ...line,
    occurredAt: conversionAt,
    amount: { minor, currency },
    expectedPayAt: row.expectedPayAt,
  }));
  return {
    ...showStatement(row),
    lines,
    invoice: invoice
      ? {
          id: invoice.id,
          kind: invoice.kind,
          number: invoiceNumber(invoice.year, invoice.number),
          issuedAt: invoice.issuedAt,
        }
      : null,
    payouts: (await listPayoutsOfStatement(tx, id)).map(({ id: payoutId, state }) => ({ id: payoutId, state })),
  };
}

/** A statement as clients read it; amounts of carry are net, with their gross beside them. */
export function showStatement(row: StatementRow) {
  const money = (minor: number) => ({ minor, currency: row.currency });
  const { id, partnerId, windowId, kind, currency, state, note, approvedBy, approvedAt, drawnAt, expectedPayAt } = row;
  return {
    id,
    partnerId,
    windowId,
    kind,
    currency,
    state,
    note,
    net: money(row.netMinor),
    vat: money(row.vatMinor),
    vatMode: row.vatMode,
    vatRateBps: row.vatRateBps,
    gross: money(row.grossMinor),
    carryIn: money(row.carryInMinor),
    carryInGross: money(row.carryInGrossMinor),
    carryOut: money(row.carryOutMinor),
    carryOutGross: money(row.carryOutGrossMinor),
    amount: money(row.amountMinor),
    approvedBy,
    approvedAt,
    drawnAt,
    expectedPayAt,
  };
}

/** A statement whose document is not issued, or that has no new lines and so none. */
function renderStatement(shown: Awaited<ReturnType<typeof readStatement>>): Promise<Buffer> {
  return renderSections(`Statement ${shown.id}`, [
    {
      heading: 'Totals',
      facts: [
        ['State', shown.state],
        ['Drawn', shown.drawnAt],
        ['Carried in', moneyText(shown.carryIn)],
        ['Net', moneyText(shown.net)],
        [`VAT (${shown.vatMode})`, moneyText(shown.vat)],
        ['Gross', moneyText(shown.gross)],
        ['Carried out', moneyText(shown.carryOut)],
        ['To be paid', moneyText(shown.amount)],
      ],
    },
    {
      heading: 'New lines',
      facts: shown.lines.map((line) => [
        `${line.kind} ${moneyText(line.amount)}`,
        [line.conversionExternalId, line.occurredAt, line.reason].filter(Boolean).join(' · '),
      ]),
    },
  ]);
}
