import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.ts';
import { cookieValue } from '../authenticate.ts';
import { recordClick } from '../click-batch.ts';
import { linkOfCode } from '../link-cache.ts';
import { nudgeFeed } from '../nudge.ts';
import { isBot, withClickId } from '../redirect-url.ts';
import { route } from '../route.ts';

/** The visitor, as long as a lookback may reach, and the click id, ninety days (api.md). */
const VISITOR_COOKIE = 'tdvid';
const CLICK_COOKIE = 'tdclid';
const VISITOR_DAYS = 390;
const CLICK_DAYS = 90;

export const REDIRECT_ROUTES = [
  route({
    id: 'links.follow',
    method: 'get',
    path: '/r/{code}',
    tag: 'Tracking',
    summary: 'Follows a tracking link: a touchpoint, and on to its destination with a click id',
    roles: 'public',
    query: z.looseObject({}),
    answer: { status: 302, description: 'Goes on to the destination with `tdclid` appended.' },
    handle: async (call) => {
      const { deps, request, params } = call;
      const known = /^[\w-]{1,64}$/.test(params.code) ? await linkOfCode(deps.pool, params.code) : undefined;
      if (!known) throw new DomainError('not-found', 'This link leads nowhere. Check its address.');
      const { programId, link } = known;
      const consent = request.get('sec-gpc') !== '1' && request.get('dnt') !== '1';
      const bot = isBot(request.get('user-agent'));
      const given = cookieValue(request, VISITOR_COOKIE);
      const visitorId = given !== undefined && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
      const subId = subIdOf(call.query);
      const { clickId } = await recordClick(deps.pool, programId, {
        code: params.code,
        visitorId,
        consent,
        bot,
        ...(subId === undefined ? {} : { subId }),
      });
      nudgeFeed(deps, programId);
      const secure = deps.publicUrl.startsWith('https:');
      const cookies = consent
        ? [cookie(VISITOR_COOKIE, visitorId, VISITOR_DAYS, secure), cookie(CLICK_COOKIE, clickId, CLICK_DAYS, secure)]
        : [];
      return {
        status: 302,
        bytes: '',
        mediaType: 'text/plain',
        headers: {
          Location: withClickId(link.destination, consent ? clickId : undefined),
          'Cache-Control': 'no-store',
          'Referrer-Policy': 'no-referrer-when-downgrade',
          ...(cookies.length > 0 ? { 'Set-Cookie': cookies } : {}),
        },
      };
    },
  }),
];

function cookie(name: string, value: string, days: number, secure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${days * 86_400}; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`;
}

function subIdOf(query: Record<string, unknown>): string | undefined {
  const { subId } = query;
  return typeof subId === 'string' && subId !== '' && subId.length <= 255 && !subId.includes('\0') ? subId : undefined;
}
