import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { useAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';
import type { DueDelivery } from '../../db/queries/webhook-delivery.ts';

/** What became of one call. `gone`: the receiver wants no more of them. */
export type PostResult = { kind: 'taken' } | { kind: 'gone' } | { kind: 'refused'; reason: string };

export interface PostOptions {
  /** For a receiver on this machine, in tests: also allows plain http. Else private addresses are refused after resolving. */
  allowPrivate?: boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

const TIMEOUT_MS = 15_000;
const GONE = 410;

/**
 * Calls the endpoint by Standard Webhooks: `webhook-id` is the delivery's id in every attempt, so a receiver tells repetitions apart.
 * A redirect is a refusal, because it could lead to where the filter does not look. Never throws.
 */
export async function postDelivery(delivery: DueDelivery, options: PostOptions = {}): Promise<PostResult> {
  try {
    const url = new URL(delivery.url);
    if (url.protocol !== 'https:' && !options.allowPrivate) return { kind: 'refused', reason: 'not https' };
    const status = await post(url, delivery, options);
    if (status >= 200 && status < 300) return { kind: 'taken' };
    return status === GONE ? { kind: 'gone' } : { kind: 'refused', reason: `status ${status}` };
  } catch (error) {
    return { kind: 'refused', reason: reasonOf(error as NodeJS.ErrnoException) };
  }
}

function post(url: URL, delivery: DueDelivery, options: PostOptions): Promise<number> {
  const body = bodyOf(delivery);
  const sentAt = new Date();
  const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      agent: useAgent(url.href, { allowPrivateIPAddress: options.allowPrivate === true }),
      signal: options.signal ? AbortSignal.any([options.signal, signal]) : signal,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Tandem-Webhooks',
        'webhook-id': delivery.id,
        'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
        'webhook-signature': new Webhook(delivery.secret).sign(delivery.id, sentAt, body),
      },
    });
    call.once('error', reject);
    call.once('response', (response) => {
      // What the receiver says beside its status is nothing to us.
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    call.end(body);
  });
}

function bodyOf({ event }: DueDelivery): string {
  const { id, kind, at, partnerId, subjectType, subjectId, data } = event;
  return JSON.stringify({
    id,
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: { ...data, partnerId, subject: { type: subjectType, id: subjectId } },
  });
}

/** A short name of the failure: an address or an answer's text is not for the record. */
function reasonOf(error: NodeJS.ErrnoException): string {
  if (/is not allowed/.test(error.message)) return 'private address';
  return error.code ?? error.name;
}
