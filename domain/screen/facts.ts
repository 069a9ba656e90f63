/** What of a partner equals the customer of a conversion. */
export type Sameness = 'email' | 'account' | 'payout-owner';

/** What the screens look at, of one partner and one conversion it is credited with. */
export interface ScreenFacts {
  sameAs: readonly Sameness[];
  /** The partner's last click before the conversion, in microseconds before it; null without one. */
  clickAgeMicros: number | null;
  hasBotTouch: boolean;
  /** Touchpoints of the partner that were refused as `id-reused` within the screen's time before the conversion came in. */
  reusedIds: number;
  /** A browser reported the conversion, and its site does not say that such count like any other. */
  isFromBrowser: boolean;
}
