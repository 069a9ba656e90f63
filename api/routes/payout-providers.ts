import { raw } from 'express';
import type { Request } from 'express';
import { WorkflowNotFoundError } from '@temporalio/client';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { DomainError } from '../../domain/errors.ts';
import { isId } from '../../domain/id.ts';
import { providerReported } from '../../workflows/messages.ts';
import { refusalOf } from '../command.ts';
import type { ApiDeps } from '../deps.ts';
import { route } from '../route.ts';

const readRaw = raw({ type: () => true, limit: '64kb' });

export const PAYOUT_PROVIDER_ROUTES = [
  route({
    id: 'payout-providers.webhook',
    method: 'post',
    path: '/v1/payout-providers/sandbox/webhook',
    tag: 'Money',
    summary:
      'What the sandbox provider says about a payment (Standard Webhooks); the payout looks it up before it believes it',
    roles: 'public',
    rawBody: true,
    answer: { status: 200 },
    handle: async ({ deps, request }) => {
      const message = verified(deps, request, await readBytes(request));
      const key = (message as { data?: { key?: unknown } } | null)?.data?.key;
      // A message about something else, or about a payout that is over, is taken and changes nothing.
      const isKnown = typeof key === 'string' && isId('payout', key) && (await report(deps, key));
      return { status: 200, body: { received: true, known: isKnown } };
    },
  }),
];

async function readBytes(request: Request): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    const next = (error?: unknown) =>
      error ? reject(new DomainError('too-large', 'The message is too large.')) : resolve();
    void readRaw(request, request.res!, next);
  });
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

function verified(deps: ApiDeps, request: Request, body: Buffer): unknown {
  if (!deps.payoutWebhookSecret) {
    throw new DomainError(
      'unauthenticated',
      'No secret is set for webhooks of this provider; see PAYOUT_WEBHOOK_SECRET.',
    );
  }
  const headers = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [name, request.get(name) ?? '']),
  );
  try {
    return new Webhook(deps.payoutWebhookSecret).verify(body.toString('utf8'), headers);
  } catch (error) {
    if (error instanceof SyntaxError) throw new DomainError('malformed', 'The message is not JSON.');
    if (!(error instanceof WebhookVerificationError)) throw error;
    throw new DomainError(
      'unauthenticated',
      'The signature does not fit this message, or its time is too far from now.',
    );
  }
}

/** @returns whether a payout waited for it */
async function report(deps: ApiDeps, payoutId: string): Promise<boolean> {
  try {
    await deps.client.withDeadline(Date.now() + deps.commandTimeoutMs, () =>
      deps.client.workflow.getHandle(`payout/${payoutId}`).signal(providerReported, { payoutId }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw refusalOf(error);
  }
}
