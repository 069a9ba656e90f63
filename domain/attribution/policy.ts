import type { TouchpointKind } from '../contract/terms.ts';

export const MODEL_KINDS = ['first', 'last', 'linear', 'position', 'time-decay', 'weights'] as const;

/** How a journey's touchpoints weigh against each other. */
export type Model =
  | { kind: 'first' }
  | { kind: 'last' }
  | { kind: 'linear' }
  /** The middle shares evenly what first and last leave. */
  | { kind: 'position'; first: number; last: number }
  /** Weight halves with each `halfLife` (ISO duration) of age. */
  | { kind: 'time-decay'; halfLife: string }
  /** By channel, per touchpoint; a channel that is not named weighs 0. */
  | { kind: 'weights'; weights: Record<string, number> };

/** Which touchpoints a rule speaks of: all that is given must match. */
export interface TouchpointFilter {
  beneficiary?: 'partner' | 'channel';
  channel?: string;
  partnerType?: string;
  partnerId?: string;
  market?: string;
  kind?: TouchpointKind;
}

export type Exclusion = Omit<TouchpointFilter, 'market'> & { mode: 'always' | 'unless-only' };
export type Transform = 'collapse-repeats' | 'distinct-first' | { keepLast: number };
export type Multiplier = TouchpointFilter & { factor: number };

/** One version of the attribution rule, with every default filled in (attribution.md §3). */
export interface Policy {
  name: string;
  conversionTypes: string[];
  model: Model;
  exclusions: Exclusion[];
  transforms: Transform[];
  multipliers: Multiplier[];
  lookback: {
    default: string;
    byKind: Partial<Record<TouchpointKind, string>>;
    byChannel: Record<string, string>;
  };
  minimumAge?: string;
  maximumAge?: string;
  /** The most of a conversion that one partner may get; what is above goes to the programme. */
  perPartnerShare?: number;
}
