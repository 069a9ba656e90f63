import type { Terms } from '../../domain/contract/terms.ts';
import { moneyText } from '../../domain/money/format.ts';
import { durationText } from '../../domain/time/duration-text.ts';
import { drawRow, renderPdf } from './pdf.ts';
import { contractTexts } from './contract-texts.ts';
import type { ContractTexts } from './contract-texts.ts';

export interface ContractDocument {
  programName: string;
  partnerName: string;
  contractId: string;
  version: number;
  /** Hex SHA-256 of what is accepted; stands on the paper. */
  hash: string;
  terms: Terms;
  body: string;
  effectiveFrom: string | null;
  language: string;
  signatures: readonly { side: 'partner' | 'program'; name: string; title: string | null; at: string }[];
}

/** The contract as it is offered or signed, in the partner's language. */
export function renderContract(document: ContractDocument): Promise<Buffer> {
  const texts = contractTexts(document.language);
  return renderPdf(`${texts.title} ${document.contractId}`, (pdf) => {
    pdf.font('bold').fontSize(16).text(texts.title).font('regular').fontSize(10).moveDown();
    for (const [name, value] of [...headOf(document, texts), ...termsOf(document.terms, texts)]) {
      drawRow(pdf, [
        { text: name, x: 0, width: 150 },
        { text: value, x: 160, width: 320 },
      ]);
    }
    pdf.moveDown().text(document.body);
    for (const { side, name, title, at } of document.signatures) {
      const signatory = [name, title].filter(Boolean).join(', ');
      pdf.moveDown().text(`${side === 'partner' ? texts.partner : texts.program}: ${signatory}, ${at}`);
    }
    pdf.moveDown().fontSize(8).text(`SHA-256 ${document.hash}`);
  });
}

function headOf(document: ContractDocument, texts: ContractTexts): [string, string][] {
  return [
    [texts.program, document.programName],
    [texts.partner, document.partnerName],
    [texts.version, String(document.version)],
    ...(document.effectiveFrom === null ? [] : [[texts.from, document.effectiveFrom] as [string, string]]),
  ];
}

function termsOf(terms: Terms, texts: ContractTexts): [string, string][] {
  return [
    ...terms.plan.rules.map((rule, index): [string, string] => [`${texts.rule} ${index + 1}`, ruleText(rule)]),
    [texts.calendar, `${terms.calendar.period}, ${terms.calendar.lockAfter}, ${terms.calendar.payAfter}`],
    [texts.currency, terms.currency],
    [texts.minimum, moneyText(terms.minimumPayout)],
    [texts.hold, terms.hold],
    ...(terms.channels.length === 0 ? [] : [[texts.channels, terms.channels.join(', ')] as [string, string]]),
    ...(terms.expires === undefined
      ? []
      : [[texts.expires, durationText(terms.expires, texts.locale)] as [string, string]]),
  ];
}

function ruleText(rule: Terms['plan']['rules'][number]): string {
  const condition = rule.when ? ` (${JSON.stringify(rule.when)})` : '';
  switch (rule.kind) {
    case 'percentage':
      return `${rule.basisPoints / 100} %${condition}`;
    case 'tiered':
      return (
        rule.tiers.map(({ above, basisPoints }) => `> ${moneyText(above)}: ${basisPoints / 100} %`).join('; ') +
        condition
      );
    case 'flat':
    case 'bonus':
      return `${rule.kind} ${moneyText(rule.amount)}${condition}`;
  }
}
