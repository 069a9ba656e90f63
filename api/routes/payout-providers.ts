import { raw } from 'express';
import type { Request } from 'express';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { DomainError } from '../../domain/errors.ts';
import { isId } from '../../domain/id.ts';
import { findPayout } from '../../db/queries/payout.ts';
import { inTransaction } from '../../db/transaction.ts';
import { providerReported } from '../../workflows/messages.ts';
import { refusalOf } from '../command.ts';
import type { ApiDeps } from '../deps.ts';
import { assertReadable } from '../json-body.ts';
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
      assertReadable(message);
      const payment = (message as { data?: { key?: unknown; metadata?: { programId?: unknown } } } | null)?.data;
      const { key, metadata } = payment ?? {};
      const programId = metadata?.programId;
      const isOurs =
        typeof key === 'string' && isId('payout', key) && typeof programId === 'string' && isId('program', programId);
      // A message about something else is taken and changes nothing.
      const isKnown = isOurs && (await report(deps, { programId, payoutId: key }));
      return { status: 200, body: { received: true, known: isKnown } };
    },
  }),
];

async function readBytes(request: Request): Promise<Buffer> {
  await new Promise<void>((resolve, reject) => {
    const next = (error?: unknown) =>
      error ? reject(new DomainError('too-large', 'The message is too large.')) : resolve();
    readRaw(request, request.res!, next);
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

/**
 * Tells the payout's workflow. Money may come back long after the payout's end: then it is started again, finds in Postgres where it
 * stands, and looks the payment up. @returns whether there is such a payout
 */
async function report(deps: ApiDeps, input: { programId: string; payoutId: string }): Promise<boolean> {
  const { programId, payoutId } = input;
  if (!(await inTransaction(deps.pool, programId, (tx) => findPayout(tx, payoutId)))) return false;
  try {
    await deps.client.withDeadline(Date.now() + deps.commandTimeoutMs, () =>
      deps.client.workflow.signalWithStart('payout', {
        workflowId: `payout/${payoutId}`,
        taskQueue: deps.taskQueues.money,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [input],
        signal: providerReported,
        signalArgs: [{ payoutId }],
        staticSummary: 'Payout',
      }),
    );
    return true;
  } catch (error) {
    throw refusalOf(error);
  }
}
