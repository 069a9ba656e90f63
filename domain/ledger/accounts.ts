/** Accounts of a partner; balances are kept per partner and currency. */
export const PARTNER_ACCOUNTS = ['pending', 'locked', 'payable', 'receivable'] as const;
/** Accounts of the program, one of each per currency. */
export const PROGRAM_ACCOUNTS = [
  'commission-expense',
  'goodwill',
  'vat-input',
  'write-off',
  'payout-clearing',
  'bank',
  'payout-fees',
  'fx',
] as const;

export type PartnerAccountName = (typeof PARTNER_ACCOUNTS)[number];
export type ProgramAccountName = (typeof PROGRAM_ACCOUNTS)[number];

/** `pending:prt_…` or `bank`; what API and database carry as one text. */
export type Account = `${PartnerAccountName}:${string}` | ProgramAccountName;

export function partnerAccount(name: PartnerAccountName, partnerId: string): Account {
  return `${name}:${partnerId}`;
}

/** The name of an account without its partner. */
export function accountName(account: Account): PartnerAccountName | ProgramAccountName {
  return account.split(':')[0] as PartnerAccountName | ProgramAccountName;
}

/** The partner of an account, or null for one of the program. */
export function accountPartner(account: Account): string | null {
  return account.split(':')[1] ?? null;
}
