/** Names of channels and of conversion types: any such name is made on first use (attribution.md §1). */
export const NAME_PATTERN = /^[a-z0-9_]{1,64}$/;

/** A channel as a rule may name it: a partner's type or a link's word takes a channel's place too, and those may hold hyphens. */
export const CHANNEL_PATTERN = /^[a-z0-9_][a-z0-9_-]{0,63}$/;
