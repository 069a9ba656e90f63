import { cookieDomain } from './settings.ts';

/** The value of a first-party cookie; undefined when there is none. */
export function readCookie(name: string): string | undefined {
  const start = `${name}=`;
  const pair = document.cookie.split('; ').find((one) => one.startsWith(start));
  return pair?.slice(start.length);
}

/** Sets a first-party cookie for a number of days; none or fewer takes it away. */
export function writeCookie(name: string, value: string, days: number): void {
  const domain = cookieDomain ? `;domain=${cookieDomain}` : '';
  const secure = location.protocol === 'https:' ? ';secure' : '';
  document.cookie = `${name}=${value};path=/;max-age=${days * 86_400};samesite=lax${domain}${secure}`;
}
