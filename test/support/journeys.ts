import { readPolicy } from '../../domain/attribution/policy-document.ts';
import type { Touchpoint } from '../../domain/attribution/touchpoint.ts';
import type { Policy } from '../../domain/attribution/policy.ts';
import { creditConversion } from '../../domain/attribution/credit.ts';
import type { CreditResult } from '../../domain/attribution/credit.ts';

export const CONVERSION_AT = '2026-06-30T12:00:00.000Z';
const DAY = 86_400_000;

/** The instant so many days before the conversion. */
export function daysBefore(days: number): string {
  return new Date(Date.parse(CONVERSION_AT) - days * DAY).toISOString();
}

/** A touchpoint of one of our own channels, a day before the conversion. */
export function aTouchpoint(more: Partial<Touchpoint> = {}): Touchpoint {
  const occurredAt = more.occurredAt ?? daysBefore(1);
  return {
    id: 'tch_1',
    occurredAt,
    receivedAt: occurredAt,
    kind: 'click',
    channel: 'paid_search',
    partnerId: null,
    partnerType: null,
    market: null,
    isVoided: false,
    ...more,
  };
}

/** A click of a creator. */
export function aPartnerTouch(partnerId: string, more: Partial<Touchpoint> = {}): Touchpoint {
  return aTouchpoint({ id: `tch_${partnerId}`, partnerId, partnerType: 'creator', channel: 'video', ...more });
}

/** Touchpoints of own channels, one a minute, the last a minute before the conversion. */
export function aPath(channels: readonly string[]): Touchpoint[] {
  return channels.map((channel, index) =>
    aTouchpoint({ id: `tch_${index}`, channel, occurredAt: daysBefore((channels.length - index) / 1440) }),
  );
}

export function aPolicy(more: object = {}): Policy {
  return readPolicy({ name: 'test', model: { kind: 'linear' }, ...more });
}

/** Credits a conversion at `CONVERSION_AT`; every partner has a contract that is silent on lookbacks. */
export function credited(touchpoints: readonly Touchpoint[], policy: Policy, remainingMinor = 10_000): CreditResult {
  return creditConversion({ occurredAt: CONVERSION_AT, remainingMinor }, touchpoints, policy, () => ({}));
}

/** Minor units by beneficiary id. */
export function minorById({ credits }: CreditResult): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { beneficiary, minor } of credits) sums[beneficiary.id] = (sums[beneficiary.id] ?? 0) + minor;
  return sums;
}
