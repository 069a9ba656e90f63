import type { IncomingMessage } from 'node:http';

/** Whoever sends a body slower than that holds a connection for nothing. */
const BODY_MS = 300_000;

const limits = new WeakMap<IncomingMessage, NodeJS.Timeout>();

/** Closes the connection when a body has not come in five minutes. */
export function limitBodyTime(request: IncomingMessage, ms = BODY_MS): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  const limit = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, ms).unref();
  limits.set(request, limit);
  request.once('close', () => clearTimeout(limit));
}

/** Lets a body take as long as it comes; for routes that watch over it themselves (`long-body.ts`). */
export function liftBodyTime(request: IncomingMessage): void {
  clearTimeout(limits.get(request));
}
