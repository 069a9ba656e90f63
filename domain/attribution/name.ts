/** Conversion types, and channels as facts name them: any such name is made on first use (attribution.md §1). */
export const NAME_PATTERN = /^[a-z0-9_]{1,64}$/;

/**
 * A channel as everything else names it: links, rules, contracts, aggregated journeys. A partner's type or a link's word takes a channel's place
 * too, and those may hold hyphens, so that every channel of a fact is one, and not each of these is a fact's.
 */
export const CHANNEL_PATTERN = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
export const CHANNEL_FAULT = 'Give a channel of 1–64 of a–z, 0–9, _ and -, not beginning with -.';
