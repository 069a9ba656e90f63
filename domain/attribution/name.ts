/** Names of channels and of conversion types: any such name is made on first use (attribution.md §1). */
export const NAME_PATTERN = /^[a-z0-9_]{1,64}$/;
