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

/** What the partner `p` was at an instant (`f`), and its market then (`m`): what groups by partner's type, market and region read. Program $1. */
export const partnerFactsAt = (instant: string) => `
  left join lateral (
    select type, market_code from partner_profile
    where program_id = p.program_id and partner_id = p.id and effective_from <= ${instant} order by effective_from desc limit 1
  ) f on true
  left join market m on m.program_id = $1 and m.code = coalesce(f.market_code, p.market_code)`;
