export interface ContractTexts {
  title: string;
  program: string;
  partner: string;
  version: string;
  from: string;
  rule: string;
  calendar: string;
  currency: string;
  minimum: string;
  hold: string;
  channels: string;
  expires: string;
  /** In which durations are written. */
  locale: string;
}

const ENGLISH: ContractTexts = {
  title: 'Partner agreement',
  program: 'Advertiser',
  partner: 'Partner',
  version: 'Version',
  from: 'In force from',
  rule: 'Commission',
  calendar: 'Windows, lock, payment',
  currency: 'Currency',
  minimum: 'Smallest payout',
  hold: 'Holding time',
  channels: 'Channels',
  expires: 'Runs for',
  locale: 'en',
};

const GERMAN: ContractTexts = {
  title: 'Partnervertrag',
  program: 'Werbetreibender',
  partner: 'Partner',
  version: 'Fassung',
  from: 'Gilt ab',
  rule: 'Provision',
  calendar: 'Zeitraum, Sperre, Zahlung',
  currency: 'Währung',
  minimum: 'Kleinste Auszahlung',
  hold: 'Haltezeit',
  channels: 'Kanäle',
  expires: 'Laufzeit',
  locale: 'de',
};

/** Words around a contract; its body stays in the language in which it was written. */
export function contractTexts(language: string): ContractTexts {
  return language.startsWith('de') ? GERMAN : ENGLISH;
}
