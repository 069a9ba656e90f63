import type { TouchpointFilter } from './policy.ts';
import type { Touchpoint } from './touchpoint.ts';

/** Whether a touchpoint matches everything that a filter names. */
export function matchesFilter(filter: TouchpointFilter, touchpoint: Touchpoint): boolean {
  const { beneficiary, channel, partnerType, partnerId, market, kind } = filter;
  if (beneficiary !== undefined && (beneficiary === 'partner') !== (touchpoint.partnerId !== null)) return false;
  if (channel !== undefined && channel !== touchpoint.channel) return false;
  if (partnerType !== undefined && partnerType !== touchpoint.partnerType) return false;
  if (partnerId !== undefined && partnerId !== touchpoint.partnerId) return false;
  if (market !== undefined && market !== touchpoint.market) return false;
  return kind === undefined || kind === touchpoint.kind;
}
