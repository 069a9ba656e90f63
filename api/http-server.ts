import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';

/** A file of any length may come over a slow line. Other bodies have their own time (`body-time.ts`), headers a minute. */
const LONGEST_REQUEST_MS = 24 * 3_600_000;

/** The server that the API listens with. */
export function createHttpServer(listener?: RequestListener): Server {
  return createServer({ requestTimeout: LONGEST_REQUEST_MS, headersTimeout: 60_000 }, listener);
}
