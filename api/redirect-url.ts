/** The lookbehind keeps out Cubot, a maker of phones, whose owners are people. */
const BOTS =
  /(?<!\bcu)bot\b|crawler|spider|slurp|facebookexternalhit|meta-externalagent|embedly|iframely|bingpreview|uripreview|^whatsapp\//i;

/**
 * The destination with the click id in its query. Everything else stays byte for byte, because many shops sign their
 * parameters or read odd ones: the query is not parsed and the fragment stays last.
 */
export function withClickId(destination: string, clickId: string | undefined, parameter: string): string {
  if (clickId === undefined) return destination;
  const hash = destination.indexOf('#');
  const base = hash < 0 ? destination : destination.slice(0, hash);
  const fragment = hash < 0 ? '' : destination.slice(hash);
  const at = base.indexOf('?');
  if (at < 0) return `${base}?${parameter}=${clickId}${fragment}`;
  const kept = base
    .slice(at + 1)
    .split('&')
    .filter((pair) => pair.split('=')[0] !== parameter)
    .join('&');
  const joint = kept === '' || kept.endsWith('&') ? '' : '&';
  return `${base.slice(0, at)}?${kept}${joint}${parameter}=${clickId}${fragment}`;
}

/** Whether a user agent names itself a robot or a link preview. */
export function isBot(userAgent: string | undefined): boolean {
  return userAgent !== undefined && BOTS.test(userAgent);
}
