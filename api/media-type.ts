import type { Request } from 'express';

/** Which of the media types that a route can give the caller asked for first; JSON when it does not say. */
export function preferred(request: Request, ...others: string[]): string {
  const chosen = request.accepts(['application/json', ...others]);
  return typeof chosen === 'string' ? chosen : 'application/json';
}
