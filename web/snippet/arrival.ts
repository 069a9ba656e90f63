import { clickParameter } from './settings.ts';

/** How the visitor came to this page from outside the site. */
export interface Arrival {
  channel: string;
  /** Of the tracking link that brought them. */
  clickId: string | undefined;
}

const params = new URLSearchParams(location.search);

/** The arrival of this page view; undefined for a step within the site, a reload, and going back. */
export function readArrival(): Arrival | undefined {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const clickId = params.get(clickParameter) || undefined;
  const medium = params.get('utm_medium');
  const from = document.referrer && new URL(document.referrer).host;
  if (navigation && navigation.type !== 'navigate') return undefined;
  if (!clickId && !medium && from === location.host) return undefined;
  return {
    clickId,
    channel: (medium && channelOf(medium)) || (from && from !== location.host ? 'referral' : 'direct'),
  };
}

/** Takes the click id out of the address, so that whoever is sent the address is not taken for this visitor. */
export function hideClickId(): void {
  const kept = location.search
    .slice(1)
    .split('&')
    .filter((pair) => pair.split('=')[0] !== clickParameter);
  const query = kept.length > 0 ? `?${kept.join('&')}` : '';
  history.replaceState(history.state, '', location.pathname + query + location.hash);
}

function channelOf(medium: string): string {
  return medium
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 64);
}
