import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { newId } from '../../db/ids.ts';
import { cookieValue } from '../authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { htmlPage, PAGE_POLICY } from '../html/frame.ts';
import { isBot, withClickId } from '../redirect-url.ts';
import { newClickId } from './click-id.ts';
import { LinkCache } from './link-cache.ts';
import type { KnownLink } from './link-cache.ts';

/** The visitor, as long as a lookback may reach, and the click id, ninety days (api.md). */
const VISITOR_COOKIE = 'tdvid';
const CLICK_COOKIE = 'tdclid';
const VISITOR_DAYS = 390;
const CLICK_DAYS = 90;
const CODE = /^[\w-]{1,64}$/;
const NOT_FOUND = htmlPage('This link leads nowhere', '<p>Check its address, or ask whoever gave it to you.</p>');

/** Answers a tracking link from memory; the click is in the journal before the answer leaves. It asks the database only for a code that is new here. */
export function followLinks(deps: ApiDeps): RequestHandler {
  const links = new LinkCache(deps.pool);
  const isHttps = deps.publicUrl.startsWith('https:');
  const safe = {
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer-when-downgrade',
    'X-Content-Type-Options': 'nosniff',
    ...(isHttps ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  return async (request, response) => {
    const code = String(request.params.code);
    const known = CODE.test(code) ? (links.get(code) ?? (await links.find(code))) : undefined;
    if (!known) {
      const page = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': PAGE_POLICY };
      response.writeHead(404, { ...safe, ...page }).end(NOT_FOUND);
      return;
    }
    await sendOn(request, response, known);
  };

  async function sendOn(
    request: Request,
    response: Response,
    { programId, link, clickParameter }: KnownLink,
  ): Promise<void> {
    const { headers } = request;
    const consent = headers['sec-gpc'] !== '1' && headers.dnt !== '1';
    const given = headers.cookie === undefined ? undefined : cookieValue(request, VISITOR_COOKIE);
    const visitorId = given !== undefined && /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    const clickId = newClickId();
    const subId = request.url.includes('?') ? subIdOf(request.query) : undefined;
    await deps.clicks.add(programId, {
      touchpointId: newId('touchpoint'),
      clickId,
      code: link.code,
      visitorId,
      consent,
      // Whoever asks for the head alone looks at the link and does not follow it.
      bot: request.method === 'HEAD' || isBot(headers['user-agent']),
      at: new Date().toISOString(),
      ...(subId === undefined ? {} : { subId }),
    });
    const cookies = [
      cookie(VISITOR_COOKIE, visitorId, VISITOR_DAYS, isHttps),
      cookie(CLICK_COOKIE, clickId, CLICK_DAYS, isHttps),
    ];
    const location = withClickId(link.destination, consent ? clickId : undefined, clickParameter);
    response
      .writeHead(302, {
        ...safe,
        Location: location,
        'Content-Length': 0,
        ...(consent ? { 'Set-Cookie': cookies } : {}),
      })
      .end();
  }
}

function cookie(name: string, value: string, days: number, secure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${days * 86_400}; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`;
}

function subIdOf(query: Record<string, unknown>): string | undefined {
  const { subId } = query;
  const isFit = typeof subId === 'string' && subId !== '' && subId.length <= 255 && !/\0|\p{Surrogate}/u.test(subId);
  return isFit ? subId : undefined;
}
