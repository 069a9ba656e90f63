import { defaultTerms } from '../../domain/contract/terms.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import type { ProgramSettings } from '../../domain/program/settings.ts';

export const TEMPLATE_NAME = 'Partner agreement';

export const TEMPLATE_BODY = [
  'This agreement is between the advertiser and the partner named in it.',
  'The partner recommends the advertiser’s product in their own words, marks every recommendation as advertising, and uses the links and codes given to them.',
  'The advertiser credits the sales that the partner helped to make by the attribution policy in force on the day of each sale, and pays the commission by the terms of this agreement.',
  'A sale that is given back gives back its commission. Either side may end the agreement; what was earned until then is paid.',
].join('\n\n');

/** Terms of the seeded template: 10 % of the credited value, with the calendar and the minimum payout of the program's settings. */
export function templateTerms(currency: string, { calendar, thresholds }: ProgramSettings): Terms {
  return {
    ...defaultTerms(currency, calendar),
    plan: { rules: [{ kind: 'percentage', basisPoints: 1000 }] },
    minimumPayout: { minor: thresholds.minimumPayoutMinor, currency },
  };
}
