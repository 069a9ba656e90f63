/** Words of a self-billed document; English and German, any other language reads English. */
export interface InvoiceTexts {
  invoice: string;
  creditNote: string;
  number: string;
  date: string;
  to: string;
  from: string;
  order: string;
  when: string;
  amount: string;
  net: string;
  vat: string;
  gross: string;
  carryIn: string;
  toPay: string;
  carried: string;
  reverseCharge: string;
  selfBilled: string;
  kinds: Record<string, string>;
}

const en: InvoiceTexts = {
  invoice: 'Self-billed invoice',
  creditNote: 'Self-billed credit note',
  number: 'Number',
  date: 'Date',
  to: 'Supplier (partner)',
  from: 'Issued by the customer',
  order: 'Order',
  when: 'Happened on',
  amount: 'Amount',
  net: 'Net',
  vat: 'VAT',
  gross: 'Total of this document',
  carryIn: 'Balance carried in (not part of this document)',
  toPay: 'To be paid',
  carried: 'Carried to the next statement',
  reverseCharge: 'Reverse charge: the recipient of the service owes the VAT.',
  selfBilled: 'This document is issued by the customer in the name of the supplier (self-billing).',
  kinds: {
    earned: 'Commission',
    refund: 'Refund',
    adjustment: 'Adjustment',
    goodwill: 'Goodwill',
    manual: 'Correction',
  },
};

const de: InvoiceTexts = {
  invoice: 'Gutschrift (Rechnung im Gutschriftsverfahren)',
  creditNote: 'Rechnungskorrektur im Gutschriftsverfahren',
  number: 'Nummer',
  date: 'Datum',
  to: 'Leistender (Partner)',
  from: 'Ausgestellt vom Leistungsempfänger',
  order: 'Bestellung',
  when: 'Geschehen am',
  amount: 'Betrag',
  net: 'Netto',
  vat: 'USt.',
  gross: 'Summe dieses Belegs',
  carryIn: 'Übertrag (nicht Teil dieses Belegs)',
  toPay: 'Auszahlung',
  carried: 'Übertrag in die nächste Abrechnung',
  reverseCharge: 'Steuerschuldnerschaft des Leistungsempfängers.',
  selfBilled: 'Dieser Beleg wird vom Leistungsempfänger ausgestellt (Gutschriftsverfahren).',
  kinds: { earned: 'Provision', refund: 'Rückgabe', adjustment: 'Anpassung', goodwill: 'Kulanz', manual: 'Korrektur' },
};

export function invoiceTexts(language: string): InvoiceTexts {
  return language.toLowerCase().startsWith('de') ? de : en;
}
