import { intakeSiteConversions } from '../../db/intake/conversions.ts';
import { intakeIdentities } from '../../db/intake/identities.ts';
import type { IntakeResult } from '../../db/intake/result.ts';
import { intakePageTouchpoints } from '../../db/intake/touchpoints.ts';
import { findSite } from '../../db/queries/site.ts';
import type { Site } from '../../db/queries/site.ts';
import { readSiteKey } from '../../db/site-key.ts';
import { inTransaction } from '../../db/transaction.ts';
import { DomainError } from '../../domain/errors.ts';
import { READERS } from '../collect/browser-item.ts';
import type { BrowserSide, ItemFault } from '../collect/browser-item.ts';
import { clockSkewMs } from '../collect/clock-skew.ts';
import { collected, collection } from '../contracts/collect.ts';
import type { ApiDeps } from '../deps.ts';
import { jsonReader } from '../json-body.ts';
import { nudgeFeed } from '../nudge.ts';
import { accepted, route } from '../route.ts';
import { validate } from '../validate.ts';

/** What a beacon may carry in all browsers. */
const LIMIT_BYTES = 64 * 1_024;
/** As for conversions from servers: the click behind a visit was answered a moment ago. */
const MOST_CLICK_WAIT_MS = 2_000;

const readJson = jsonReader({ limit: LIMIT_BYTES, isUntyped: true, judgesItems: true });

type Noun = keyof typeof READERS;
interface Rejected {
  path: string;
  code: string;
  detail: string;
}

export const COLLECT_ROUTES = [
  route({
    id: 'collect.receive',
    method: 'post',
    path: '/v1/collect',
    tag: 'Tracking',
    summary: 'Takes in what a browser saw, by the publishable key of a site and from its origins alone',
    roles: 'public',
    rateLimited: true,
    rawBody: true,
    body: collection,
    answer: { status: 202, schema: collected },
    handle: async ({ deps, request }) => {
      const { origin } = request.headers;
      const given = await readJson(request);
      const { site, programId } = await siteOf(deps, (given as { key?: unknown } | null)?.key);
      assertOrigin(site, origin);
      // From here on the page may read why something was refused.
      request.res!.set({ 'Access-Control-Allow-Origin': origin, Vary: 'Origin' });
      const body = validate(collection, given);
      const nowMs = Date.now();
      const side = { site, skewMs: clockSkewMs(body.sentAt, nowMs), nowMs };
      if (deps.clicks.waiting > 0 && body.identities.length + body.conversions.length > 0)
        await deps.clicks.flushWithin(MOST_CLICK_WAIT_MS);
      const rejected: Rejected[] = [];
      let taken = 0;
      for (const noun of ['touchpoints', 'identities', 'conversions'] as const) {
        const results = await take(deps, programId, noun, body[noun], side);
        taken += results.filter((fault) => fault === null).length;
        results.forEach((fault, index) => fault && rejected.push({ path: `${noun}.${index}`, ...fault }));
      }
      if (taken > 0) nudgeFeed(deps, programId);
      return accepted({ accepted: taken, rejected });
    },
  }),
];

/** @returns for each item, in order, why it was not taken, or null */
async function take(
  deps: ApiDeps,
  programId: string,
  noun: Noun,
  values: readonly unknown[],
  side: BrowserSide,
): Promise<(ItemFault | Omit<Rejected, 'path'> | null)[]> {
  const read = values.map((value) => READERS[noun](value, side));
  const items = read.flatMap((one) => ('item' in one ? [one.item] : []));
  const results = items.length === 0 ? [] : await intake(deps, programId, noun, items, side.site);
  let next = 0;
  return read.map((one) => {
    if ('fault' in one) return one.fault;
    const { status, code, detail } = results[next++]!;
    return status === 'rejected' ? { code: code ?? 'invalid', detail: detail ?? '' } : null;
  });
}

/** The same intakes as those of servers, under the same barrier. */
function intake(
  { pool }: ApiDeps,
  programId: string,
  noun: Noun,
  items: readonly unknown[],
  site: Site,
): Promise<IntakeResult[]> {
  const options = { actor: { kind: 'key' as const, id: site.id } };
  if (noun === 'touchpoints') return intakePageTouchpoints(pool, programId, items, options);
  if (noun === 'identities') return intakeIdentities(pool, programId, items, options);
  return intakeSiteConversions(pool, programId, items, { ...options, siteId: site.id });
}

/** @throws DomainError `unauthenticated` */
async function siteOf(deps: ApiDeps, key: unknown): Promise<{ site: Site; programId: string }> {
  const named = typeof key === 'string' ? readSiteKey(key) : undefined;
  const site = named && (await inTransaction(deps.pool, named.programId, (tx) => findSite(tx, named.siteId)));
  if (!named || !site || site.disabledAt !== null)
    throw new DomainError('unauthenticated', 'Give the publishable key `pk_…` of a site as `key`.');
  return { site, programId: named.programId };
}

/** @throws DomainError `forbidden` */
function assertOrigin(site: Site, origin: string | undefined): asserts origin is string {
  if (origin !== undefined && site.origins.includes(origin)) return;
  throw new DomainError('forbidden', `Pages of ${origin ?? 'no origin'} are not among the origins of this site.`);
}
