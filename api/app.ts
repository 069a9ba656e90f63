import type { RequestListener } from 'node:http';
import express from 'express';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { isDatabaseAway } from '../db/away.ts';
import { DomainError } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';
import { limitBodyTime } from './body-time.ts';
import { serveDocs } from './docs-page.ts';
import { PAGE_POLICY } from './html/frame.ts';
import { isForPeople, problemPage } from './html/problem-page.ts';
import { serve } from './pipeline.ts';
import { toProblem } from './problem.ts';
import { createLinkFollower } from './redirect/follow.ts';
import type { LinkFollower } from './redirect/follow.ts';
import { createPublicLimiter } from './rate-limit.ts';
import { requestIdOf } from './request-id.ts';
import { requestSeconds } from './request-seconds.ts';
import { ROUTES } from './routes/table.ts';
import { assertTable } from './table-check.ts';

export interface HttpApp {
  /** What a server listens with: links in memory are answered ahead of Express, everything else by it. */
  listener: RequestListener;
  express: Express;
}

/** Makes the HTTP application from the one table of routes. @throws Error when a route of the table is not fit to start */
export function createApp(deps: ApiDeps): HttpApp {
  const follower = createLinkFollower(deps);
  const app = createExpress(deps, follower);
  return {
    express: app,
    listener: (request, response) => {
      limitBodyTime(request);
      if (!follower.answerKnown(request, response)) app(request, response);
    },
  };
}

function createExpress(deps: ApiDeps, follower: LinkFollower): Express {
  assertTable(ROUTES);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.trustedProxies);
  app.set('query parser', 'simple');
  const measure = createMeasure(deps);
  // Ahead of what a redirect does not need; it sets its own few headers. Not as `:code`, which Express decodes and refuses by itself.
  app.get(/^\/r\/[^/]+\/?$/i, measure('links.follow'), (request, response) => follower.answer(request, response));
  app.use(helmet(helmetOptions(deps)));
  app.use(logRequests(deps));
  serveDocs(app);
  const limiter = createPublicLimiter(deps);
  for (const route of ROUTES) {
    if (route.id === 'links.follow') continue;
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app[route.method](path, measure(route.id), serve(route, deps, limiter));
  }
  app.use((request, _response, next) => {
    next(new DomainError('not-found', `There is nothing at ${request.method} ${request.path}. See /docs.`));
  });
  app.use(answerProblem(deps));
  return app;
}

function helmetOptions(deps: ApiDeps): Parameters<typeof helmet>[0] {
  const isHttps = deps.publicUrl.startsWith('https:');
  return {
    // Everything comes from our own files; the docs page draws with inline styles and small inline images.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        ...(isHttps ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: isHttps,
  };
}

function logRequests(deps: ApiDeps): RequestHandler {
  return pinoHttp({
    logger: deps.log,
    genReqId: (request, response) => {
      const id = requestIdOf(request);
      response.setHeader('X-Request-Id', id);
      return id;
    },
    autoLogging: { ignore: (request) => request.url?.startsWith('/health') ?? false },
    // A path may hold a token in its query: it stays out of the log.
    serializers: {
      req: ({ id, method, url }: { id: unknown; method: string; url: string }) => ({
        id,
        method,
        path: url.split('?')[0],
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'debug'),
  });
}

function createMeasure(deps: ApiDeps): (routeId: string) => RequestHandler {
  const seconds = requestSeconds(deps.registry);
  return (route) => (_request, response, next) => {
    const end = seconds.startTimer({ route });
    response.on('finish', () => end({ status: String(response.statusCode) }));
    next();
  };
}

function answerProblem(deps: ApiDeps): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status, body, retryAfterS } = toProblem(readable(error), requestIdOf(request));
    if (status >= 500) deps.log.error({ err: error, requestId: body.requestId }, 'a request failed');
    if (retryAfterS !== undefined) response.set('Retry-After', String(retryAfterS));
    if (status === 401) response.set('WWW-Authenticate', 'Bearer');
    response.status(status);
    if (isForPeople(request)) {
      response.set({ 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': 'no-store' });
      response.type('text/html').send(problemPage(body));
    } else response.type('application/problem+json').send(JSON.stringify(body));
  };
}

/** What the database refuses for reasons of shape is not the server's fault. */
function readable(error: unknown): unknown {
  const { code } = error as { code?: string };
  if (error instanceof URIError) return new DomainError('malformed', 'The path cannot be read.');
  // A text with NUL, which PostgreSQL cannot store.
  if (code === '22021' || code === '22P05') return new DomainError('invalid', 'Give text without NUL characters.');
  if (isDatabaseAway(error)) {
    return new DomainError('unavailable', 'The database does not answer at the moment; try again.');
  }
  return error;
}
