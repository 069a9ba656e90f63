/** Names of channels and of conversion types: any such name is made on first use (attribution.md §1). */
export const NAME_PATTERN = /^[a-z0-9_]{1,64}$/;

/** Whether `text` can name a channel or a conversion type. */
export function isName(text: string): boolean {
  return NAME_PATTERN.test(text);
}
