import type { TermsLookback } from '../../domain/contract/terms.ts';
import type { Trait, JourneyColumns } from '../../domain/attribution/columns/trait.ts';
import { orderJourney } from '../../domain/attribution/journey.ts';
import type { Touchpoint } from '../../domain/attribution/touchpoint.ts';
import { epochMicros } from '../../domain/time/instant.ts';
import { aPolicy } from './journeys.ts';

/** Only the order is asked of it. */
const ANY_POLICY = aPolicy();

/** One conversion as the plain rules take it. */
export interface PlainJourney {
  occurredAt: string;
  remainingMinor: number;
  touchpoints: readonly Touchpoint[];
  contractLookback: (partnerId: string) => TermsLookback | null;
}

/** The same journeys as arrays; `traits` may hold those of an earlier call and grows. */
export function columnsOf(journeys: readonly PlainJourney[], traits: Trait[] = []): JourneyColumns {
  const known = new Map(traits.map((trait, index) => [keyOf(trait), index]));
  const start = [0];
  const touchedAt: number[] = [];
  const trait: number[] = [];
  for (const { touchpoints, occurredAt, contractLookback } of journeys) {
    for (const { touchpoint, occurredMicros } of orderJourney(touchpoints, occurredAt, ANY_POLICY, contractLookback)) {
      const { kind, channel, partnerId, partnerType, market, isVoided } = touchpoint;
      const lookback = partnerId === null ? {} : contractLookback(partnerId);
      const own: Trait = { kind, channel, partnerId, partnerType, market, isVoided, lookback };
      const key = keyOf(own);
      if (!known.has(key)) known.set(key, traits.push(own) - 1);
      trait.push(known.get(key)!);
      touchedAt.push(occurredMicros);
    }
    start.push(touchedAt.length);
  }
  return {
    count: journeys.length,
    at: Float64Array.from(journeys, ({ occurredAt }) => epochMicros(occurredAt)),
    remaining: Float64Array.from(journeys, ({ remainingMinor }) => remainingMinor),
    start: Int32Array.from(start),
    touchedAt: Float64Array.from(touchedAt),
    trait: Int32Array.from(trait),
    traits,
  };
}

function keyOf({ kind, channel, partnerId, partnerType, market, isVoided, lookback }: Trait): string {
  return [kind, channel, partnerId, partnerType, market, isVoided, lookback && textOf(lookback)].join('|');
}

function textOf({ default: fallback, byKind }: TermsLookback): string {
  return `${fallback} ${Object.entries(byKind ?? {}).join()}`;
}
