/** The lookbehind keeps out Cubot, a maker of phones, whose owners are people. */
const BOTS =
  /(?<!\bcu)bot\b|crawler|spider|slurp|facebookexternalhit|meta-externalagent|embedly|iframely|bingpreview|uripreview|^whatsapp\//i;

/** What neither a header nor an address holds as it is. */
const UNSENDABLE = /[^\x21-\x7e]|["<>]/gu;

/**
 * A destination as it may be sent: in ASCII, everything else percent-encoded as UTF-8 (https://url.spec.whatwg.org), a host in Punycode. Host
 * and path are as browsers write them; query and fragment stay byte for byte where they can be sent, `'` too, which browsers would write anew.
 * What was percent-encoded, well or not, stays.
 * @throws TypeError when it is no web address
 */
export function sendableUrl(destination: string): string {
  // Browsers leave these out before they read.
  const text = destination.replaceAll(/^[\0- ]+|[\0- ]+$|[\t\n\r]/g, '');
  const [, query = '', fragment = ''] = /^[^?#]*(\?[^#]*)?(#.*)?$/s.exec(text)!;
  const place = new URL(text);
  place.search = '';
  place.hash = '';
  return place.href + encodeUnsendable(query) + encodeUnsendable(fragment);
}

function encodeUnsendable(text: string): string {
  // As UTF-8 a broken character is U+FFFD, for browsers and for PostgreSQL.
  return text.replaceAll(UNSENDABLE, (character) => encodeURIComponent(Buffer.from(character).toString()));
}

/**
 * The destination with the click id in its query. Everything else stays byte for byte, because many shops sign their
 * parameters or read odd ones: the query is not parsed and the fragment stays last.
 * @param destination as `sendableUrl` gives it
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
