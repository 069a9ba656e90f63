import { idFromSuffix } from '../../db/ids.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { changeSite, disableSite, findSite, insertSite, listSites } from '../../db/queries/site.ts';
import type { Tx } from '../../db/transaction.ts';
import type { EventKind } from '../../domain/event/catalogue.ts';
import { caller, reading, writing } from '../caller.ts';
import { pageOf } from '../contracts/answer.ts';
import { newSite, site, siteChanges } from '../contracts/site.ts';
import { afterCursor, pageQuery, toPage } from '../page.ts';
import { actorId, actorOf } from '../principal.ts';
import { CONNECTORS, SENDERS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import type { Call } from '../route.ts';

/** Sites decide what anybody's browser may report, so those who may send may also make them; the record says who did. */
export const SITE_ROUTES = [
  route({
    id: 'sites.list',
    method: 'get',
    path: '/v1/sites',
    tag: 'Tracking',
    summary: 'Web sites whose pages carry the snippet',
    roles: [...CONNECTORS, 'auditor'],
    query: pageQuery,
    answer: { status: 200, schema: pageOf(site) },
    handle: (call) =>
      reading(call, async (tx) => {
        const { limit } = call.query;
        const rows = await listSites(tx, { afterId: afterCursor(call.query), limit: limit + 1 });
        return ok(
          toPage(
            rows,
            limit,
            ({ id }) => id,
            (one) => one,
          ),
        );
      }),
  }),
  route({
    id: 'sites.create',
    method: 'post',
    path: '/v1/sites',
    tag: 'Tracking',
    summary: 'Registers a web site and gives it a publishable key',
    roles: SENDERS,
    body: newSite,
    answer: { status: 201, schema: site },
    handle: (call) =>
      writing(call, async (tx) => {
        const id = idFromSuffix('site', call.seed);
        const before = await findSite(tx, id);
        if (before) return created(before);
        const made = await insertSite(tx, { ...call.body, id, createdBy: actorId(caller(call)) });
        await record(tx, call, 'site.added', id, rulesOf(made));
        return created(made);
      }),
  }),
  route({
    id: 'sites.get',
    method: 'get',
    path: '/v1/sites/{id}',
    tag: 'Tracking',
    summary: 'One web site',
    roles: [...CONNECTORS, 'auditor'],
    subject: { kind: 'site', param: 'id' },
    answer: { status: 200, schema: site },
    handle: (call) => reading(call, async (tx) => ok(await findSite(tx, call.params.id))),
  }),
  route({
    id: 'sites.change',
    method: 'patch',
    path: '/v1/sites/{id}',
    tag: 'Tracking',
    summary: 'Changes whose pages may send, and what',
    roles: SENDERS,
    subject: { kind: 'site', param: 'id' },
    body: siteChanges,
    answer: { status: 200, schema: site },
    handle: (call) =>
      writing(call, async (tx) => {
        const changed = await changeSite(tx, call.params.id, call.body);
        await record(tx, call, 'site.changed', call.params.id, changed ? rulesOf(changed) : {});
        return ok(changed);
      }),
  }),
  route({
    id: 'sites.disable',
    method: 'delete',
    path: '/v1/sites/{id}',
    tag: 'Tracking',
    summary: 'Takes nothing more by the key of a site',
    roles: SENDERS,
    subject: { kind: 'site', param: 'id' },
    answer: { status: 200, schema: site },
    handle: (call) =>
      writing(call, async (tx) => {
        const disabled = await disableSite(tx, call.params.id);
        await record(tx, call, 'site.disabled', call.params.id, {});
        return ok(disabled);
      }),
  }),
];

function rulesOf({ origins, conversions, identities }: { origins: string[]; conversions: string; identities: string }) {
  return { origins, conversions, identities };
}

async function record(
  tx: Tx,
  call: Pick<Call, 'principal' | 'deps'>,
  kind: EventKind,
  id: string,
  data: Record<string, unknown>,
): Promise<void> {
  const actor = actorOf(caller(call));
  await recordEvent(tx, { kind, actor, subject: { type: 'site', id }, at: new Date().toISOString(), data });
}
