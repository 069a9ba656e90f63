/** The query parameter by which a tracking link hands its click id to the shop, where a programme names no other. */
export const CLICK_PARAMETER = 'tdclid';

/** Letters, digits, `_` and `-`, so that it needs no escaping in any address. */
export const CLICK_PARAMETER_PATTERN = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;

/** The parameter of a programme. */
export function clickParameterOf(settings: { tracking?: { clickParameter?: string } }): string {
  return settings.tracking?.clickParameter ?? CLICK_PARAMETER;
}
