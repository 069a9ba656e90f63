/** What credits are grouped by; dates and partner facts are those of the conversion's time. */
export const CREDIT_GROUPS = {
  channel: 'k.channel',
  partner: `case when k.beneficiary_kind = 'partner' then k.beneficiary_id else k.beneficiary_kind || ':' || k.beneficiary_id end`,
  partnerType: `coalesce(f.type, p.type)`,
  market: `coalesce(f.market_code, p.market_code)`,
  region: 'm.region',
  vertical: 'c.vertical',
  content: 'k.content_id',
  subId: 'k.sub_id',
} as const;

export type CreditGroup = keyof typeof CREDIT_GROUPS;
