import { randomBytes } from 'node:crypto';
import { EVENT_TEXTS } from '../../domain/event/catalogue.ts';
import { idFromSuffix } from '../../db/ids.ts';
import { recordEvent } from '../../db/queries/event.ts';
import {
  disableWebhookEndpoint,
  insertWebhookEndpoint,
  listWebhookEndpoints,
} from '../../db/queries/webhook-endpoint.ts';
import { caller, writing } from '../caller.ts';
import { mintedWebhook, newWebhook, webhook } from '../contracts/program.ts';
import { pageOf } from '../contracts/answer.ts';
import { listById } from '../list.ts';
import { pageQuery } from '../page.ts';
import { actorId, actorOf } from '../principal.ts';
import { publicUrlFault } from '../public-url.ts';
import { CONNECTORS } from '../roles.ts';
import { created, ok, route } from '../route.ts';
import { refusedFields } from '../validate.ts';

export const WEBHOOK_ROUTES = [
  route({
    id: 'webhooks.list',
    method: 'get',
    path: '/v1/webhooks',
    tag: 'Program',
    summary: 'Webhook endpoints without their secrets',
    roles: [...CONNECTORS, 'auditor'],
    query: pageQuery,
    answer: { status: 200, schema: pageOf(webhook) },
    handle: (call) => listById(call, (tx, page) => listWebhookEndpoints(tx, page)),
  }),
  route({
    id: 'webhooks.create',
    method: 'post',
    path: '/v1/webhooks',
    tag: 'Program',
    summary: 'Adds an endpoint that is told of events, signed by Standard Webhooks',
    roles: CONNECTORS,
    body: newWebhook,
    showOnce: ['secret'],
    answer: { status: 201, schema: mintedWebhook },
    handle: async (call) => {
      const { url, events } = call.body;
      const fault = await publicUrlFault(url);
      const unknown = events.findIndex((kind) => !Object.hasOwn(EVENT_TEXTS, kind));
      if (fault) throw refusedFields([{ path: 'url', message: fault }]);
      if (unknown >= 0) {
        throw refusedFields([
          { path: `events.${unknown}`, message: 'There is no such event; see the timeline for kinds.' },
        ]);
      }
      return writing(call, async (tx) => {
        const secret = `whsec_${randomBytes(32).toString('base64')}`;
        const id = idFromSuffix('webhook', call.seed);
        const made = await insertWebhookEndpoint(tx, { id, url, events, secret, createdBy: actorId(caller(call)) });
        await recordEvent(tx, {
          kind: 'webhook.added',
          actor: actorOf(caller(call)),
          subject: { type: 'webhook', id },
          at: new Date().toISOString(),
        });
        return created({ ...made, secret });
      });
    },
  }),
  route({
    id: 'webhooks.disable',
    method: 'delete',
    path: '/v1/webhooks/{id}',
    tag: 'Program',
    summary: 'Stops deliveries to an endpoint',
    roles: CONNECTORS,
    subject: { kind: 'webhook', param: 'id' },
    answer: { status: 200, schema: webhook },
    handle: (call) =>
      writing(call, async (tx) => {
        const disabled = await disableWebhookEndpoint(tx, call.params.id);
        await recordEvent(tx, {
          kind: 'webhook.disabled',
          actor: actorOf(caller(call)),
          subject: { type: 'webhook', id: call.params.id },
          at: new Date().toISOString(),
        });
        return ok(disabled);
      }),
  }),
];
