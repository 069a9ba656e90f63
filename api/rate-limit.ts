import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { DomainError } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';

const WINDOW_S = 60;

/** Counts calls of public forms by address, in Postgres so that several API processes count together. */
export function createPublicLimiter(deps: ApiDeps): RateLimiterAbstract {
  const points = deps.publicCallsPerMinute;
  return new RateLimiterPostgres({
    storeClient: deps.pool,
    tableName: 'rate_limit',
    tableCreated: true,
    keyPrefix: 'public',
    points,
    duration: WINDOW_S,
    clearExpiredByTimeout: false,
    // While the database is away the calls are still counted, here.
    insuranceLimiter: new RateLimiterMemory({ points, duration: WINDOW_S }),
  });
}

/** @throws DomainError `rate-limited` with `Retry-After` */
export async function assertWithinLimit(
  limiter: RateLimiterAbstract,
  request: Request,
  routeId: string,
): Promise<void> {
  const address = createHash('sha256')
    .update(request.ip ?? 'unknown')
    .digest('base64url')
    .slice(0, 22);
  try {
    await limiter.consume(`${routeId}:${address}`);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    const retryAfterS = Math.max(1, Math.ceil(error.msBeforeNext / 1_000));
    throw new DomainError('rate-limited', `Too many calls; try again in ${retryAfterS} seconds.`, { retryAfterS });
  }
}
