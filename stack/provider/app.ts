import { createHash, timingSafeEqual } from 'node:crypto';
import type { Express, RequestHandler, Response } from 'express';
import express from 'express';
import type { ZodType } from 'zod';
import type { Book } from './book.ts';
import type { FaultBoard } from './fault.ts';
import { faultRequest } from './fault.ts';
import { paymentRequest, showPayment } from './payment.ts';
import type { PayAnswer, Provider } from './provider.ts';

export interface ProviderAppDeps {
  provider: Provider;
  book: Book;
  faults: FaultBoard;
  secret: string;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/**
 * `POST /payments {key, amount, account, metadata?}` → 201, or 200 when repeated · `GET /payments?key=&state=` →
 * `{ items: [{ key, amount, account, state, … }] }` in the order booked · `POST | GET | DELETE /faults` · `GET /health`.
 * All but health and reading payments from this machine want `Authorization: Bearer <PAYOUT_PROVIDER_SECRET>`.
 */
export function createProviderApp({ provider, book, faults, secret }: ProviderAppDeps): Express {
  const app = express();
  const guard = requireSecret(secret);
  app.disable('x-powered-by');
  app.use(express.json({ limit: '64kb' }));
  app.get('/health', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/payments', allowLoopback(guard), (request, response) => {
    const { key, state } = request.query;
    const items = book
      .list()
      .filter((payment) => key === undefined || payment.key === key)
      .filter((payment) => state === undefined || payment.state === state);
    response.json({ items: items.map(showPayment) });
  });
  app.post('/payments', guard, (request, response) => {
    const body = parse(paymentRequest, request.body, response);
    if (body) sendPayAnswer(response, provider.pay(body));
  });
  app.get('/faults', guard, (_request, response) => void response.json({ items: faults.list() }));
  app.post('/faults', guard, (request, response) => {
    const fault = parse(faultRequest, request.body, response);
    if (!fault) return;
    faults.add(fault);
    response.status(201).json({ items: faults.list() });
  });
  app.delete('/faults', guard, (_request, response) => {
    faults.clear();
    response.json({ items: [] });
  });
  app.use((_request, response) => refuse(response, 404, 'not-found', 'No such route.'));
  app.use(((error: { status?: number }, _request, response, _next) => {
    const isCallers = (error.status ?? 500) < 500;
    refuse(response, isCallers ? 400 : 500, isCallers ? 'malformed' : 'internal', 'The request could not be read.');
  }) satisfies express.ErrorRequestHandler);
  return app;
}

function sendPayAnswer(response: Response, answer: PayAnswer): void {
  switch (answer.kind) {
    case 'booked':
      response.status(201).json(showPayment(answer.payment));
      return;
    case 'repeated':
      response.set('Idempotency-Replayed', 'true').json(showPayment(answer.payment));
      return;
    case 'refused':
      return refuse(response, 422, 'account-refused', 'The account does not take payments. Nothing was paid.');
    case 'other-request':
      return refuse(response, 409, 'key-reused', 'This key belongs to a payment of another amount or account.');
    case 'rate-limited':
      response.set('Retry-After', String(answer.retryAfterS));
      return refuse(response, 429, 'rate-limited', 'Too many payments. Try again later.');
    case 'error-after-success':
      return refuse(response, 500, 'internal', 'Something went wrong.');
    case 'answer-lost':
      // The payment is booked and its caller will never hear of it from this call.
      setTimeout(() => response.destroy(), answer.afterMs).unref();
  }
}

function parse<T>(schema: ZodType<T>, body: unknown, response: Response): T | null {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const errors = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  response.status(422).json({ code: 'invalid', detail: 'The request has faults.', errors });
  return null;
}

function requireSecret(secret: string): RequestHandler {
  const expected = digest(`Bearer ${secret}`);
  return (request, response, next) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return next();
    refuse(response, 401, 'unauthenticated', 'Send the provider secret as a bearer token.');
  };
}

function allowLoopback(otherwise: RequestHandler): RequestHandler {
  return (request, response, next) =>
    LOOPBACK.has(request.socket.remoteAddress ?? '') ? next() : otherwise(request, response, next);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(response: Response, status: number, code: string, detail: string): void {
  response.status(status).json({ code, detail });
}
