import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseQuery } from 'node:querystring';
import { Counter } from 'prom-client';
import { newId } from '../../db/ids.ts';
import { isPlaceholder } from '../../domain/attribution/identity.ts';
import { cookieValue } from '../authenticate.ts';
import type { ApiDeps } from '../deps.ts';
import { htmlPage, PAGE_POLICY } from '../html/frame.ts';
import { problemPage } from '../html/problem-page.ts';
import { toProblem } from '../problem.ts';
import { isBot, withClickId } from '../redirect-url.ts';
import { requestIdOf } from '../request-id.ts';
import { requestSeconds } from '../request-seconds.ts';
import { newClickId } from './click-id.ts';
import { LinkCache } from './link-cache.ts';
import type { KnownLink } from './link-cache.ts';

/** The visitor, as long as a lookback may reach, and the click id, ninety days (api.md). */
const VISITOR_COOKIE = 'tdvid';
const CLICK_COOKIE = 'tdclid';
const VISITOR_DAYS = 390;
const CLICK_DAYS = 90;
/** Methods that look; Express takes HEAD for GET as well. */
const READING = new Set(['GET', 'HEAD']);
const NOT_FOUND = htmlPage('This link leads nowhere', '<p>Check its address, or ask whoever gave it to you.</p>');

/** `/r/{code}` with or without a query; nothing else can be a tracking link. */
const PATH = /^\/r\/([\w-]{1,64})\/?(?:\?(.*))?$/;

export interface LinkFollower {
  /** Answers when the request follows a link that is in memory; @returns whether it did. It needs nothing of Express, which costs as much again. */
  answerKnown(request: IncomingMessage, response: ServerResponse): boolean;
  /** Answers any other code: asks the database for one that is new here. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Answers tracking links from memory; the click is in the journal before the answer leaves. */
export function createLinkFollower(deps: ApiDeps): LinkFollower {
  const links = new LinkCache(deps.pool);
  const isHttps = deps.publicUrl.startsWith('https:');
  const seconds = requestSeconds(deps.registry);
  const followed = new Counter({
    name: 'tandem_links_followed_total',
    help: 'Links that were followed, by where they were found: in memory, ahead of Express, or in the database',
    labelNames: ['source'],
    registers: [deps.registry],
  });
  const [fromMemory, fromDatabase] = [followed.labels('memory'), followed.labels('database')];
  const safe = {
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer-when-downgrade',
    'X-Content-Type-Options': 'nosniff',
    ...(isHttps ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
  const page = { ...safe, 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': PAGE_POLICY };
  return {
    answerKnown(request, response) {
      const [, code, query] = READING.has(request.method!) ? (PATH.exec(request.url!) ?? []) : [];
      const known = code === undefined ? undefined : links.get(code);
      if (!known) return false;
      const startedAt = performance.now();
      fromMemory.inc();
      void sendOn(request, response, known, query)
        .catch((error: unknown) => answerFault(request, response, error))
        .then(() => {
          const status = String(response.statusCode);
          seconds.observe({ route: 'links.follow', status }, (performance.now() - startedAt) / 1_000);
        });
      return true;
    },
    async answer(request, response) {
      const [, code, query] = PATH.exec(request.url!) ?? [];
      const known = code === undefined ? undefined : await links.find(code);
      if (known) {
        fromDatabase.inc();
        return sendOn(request, response, known, query);
      }
      response.writeHead(404, page).end(NOT_FOUND);
    },
  };

  /** Ahead of Express nobody else hears of a fault; unheard it would end the process, for all visitors. Never throws. */
  function answerFault(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const { status, body } = toProblem(error, requestIdOf(request));
    deps.log.error({ err: error, requestId: body.requestId }, 'a link was not followed');
    if (response.headersSent) response.destroy();
    else response.writeHead(status, page).end(problemPage(body));
  }

  /**
   * Sends the visitor on once the click is in the journal. Whoever asks for the head alone looks at the link and does not follow it: it is told
   * where the link leads, without an id, and nothing is written down.
   * @throws TypeError when the answer cannot stand in a header
   */
  async function sendOn(
    request: IncomingMessage,
    response: ServerResponse,
    { programId, link, destination, clickParameter }: KnownLink,
    query: string | undefined,
  ): Promise<void> {
    const { headers } = request;
    if (request.method === 'HEAD') {
      response.writeHead(302, { ...safe, Location: destination, 'Content-Length': 0 }).end();
      return;
    }
    const consent = headers['sec-gpc'] !== '1' && headers.dnt !== '1';
    // Without consent not even the journal learns who it was.
    const given = consent && headers.cookie !== undefined ? cookieValue(headers, VISITOR_COOKIE) : undefined;
    const visitorId = given !== undefined && isVisitor(given) ? given : randomUUID();
    const clickId = newClickId();
    const subId = query === undefined ? undefined : subIdOf(query);
    await deps.clicks.add(programId, {
      touchpointId: newId('touchpoint'),
      clickId,
      code: link.code,
      visitorId,
      consent,
      bot: isBot(headers['user-agent']),
      at: new Date().toISOString(),
      ...(subId === undefined ? {} : { subId }),
    });
    const cookies = [
      cookie(VISITOR_COOKIE, visitorId, VISITOR_DAYS, isHttps),
      cookie(CLICK_COOKIE, clickId, CLICK_DAYS, isHttps),
    ];
    const location = withClickId(destination, consent ? clickId : undefined, clickParameter);
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

/** A cookie that stands for "not known" would make one person of all browsers that send it. */
function isVisitor(value: string): boolean {
  return /^[\w-]{8,64}$/.test(value) && !isPlaceholder(value);
}

function cookie(name: string, value: string, days: number, secure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${days * 86_400}; SameSite=Lax; HttpOnly${secure ? '; Secure' : ''}`;
}

function subIdOf(query: string): string | undefined {
  const { subId } = parseQuery(query);
  const isFit = typeof subId === 'string' && subId !== '' && subId.length <= 255 && !/\0|\p{Surrogate}/u.test(subId);
  return isFit ? subId : undefined;
}
