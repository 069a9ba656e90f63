import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { PAGE_POLICY, renderInbox, renderMail } from './inbox-page.ts';
import type { MailStore } from './mail-store.ts';

/** Nothing that a mail brings along may run, load or leave. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Mails hold sign-in links: a page elsewhere whose name was turned to this address must not read them. */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9-]+\.localhost)(:\d+)?$/i;

/**
 * The web side of the mail catcher: `GET /` (list), `/mails/<id>` (one mail), `/mails/<id>/html`, and for programs
 * `GET /messages?to=&limit=` → `{ items: [{ id, from, to, subject, text, html, receivedAt }] }`, newest first.
 */
export function createInboxServer(store: MailStore): Server {
  return createServer((request, response) => {
    try {
      answer(store, request, response);
    } catch {
      send(response, 500, 'text/plain', 'The inbox could not answer.');
    }
  });
}

function answer(store: MailStore, request: IncomingMessage, response: ServerResponse): void {
  if (!LOCAL_HOST.test(request.headers.host ?? ''))
    return send(response, 403, 'text/plain', 'Open the inbox as localhost.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'Only GET.');
  const url = new URL(request.url ?? '/', 'http://localhost');
  // An address holds no space: one that arrives was a `+` that the caller did not escape.
  const to = url.searchParams.get('to')?.replaceAll(' ', '+');
  if (url.pathname === '/messages') {
    const limit = Math.min(Math.max(Number(url.searchParams.get('limit')) || 1000, 1), 2000);
    return send(response, 200, 'application/json', JSON.stringify({ items: store.list({ to, limit }) }));
  }
  if (url.pathname === '/')
    return send(response, 200, 'text/html', renderInbox(store.list({ to: to || undefined, limit: 200 }), to ?? ''));
  const [, id, part] = /^\/mails\/(\w+)(\/html)?$/.exec(url.pathname) ?? [];
  const mail = id === undefined ? undefined : store.find(id);
  if (mail === undefined) return send(response, 404, 'text/plain', 'No such mail.');
  if (part === undefined) return send(response, 200, 'text/html', renderMail(mail));
  // Links open beside the frame, in which nothing may load.
  send(response, 200, 'text/html', `<base target="_blank">${mail.html ?? ''}`, MAIL_POLICY);
}

function send(response: ServerResponse, status: number, type: string, body: string, policy = PAGE_POLICY): void {
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(body);
}
