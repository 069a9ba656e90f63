import type { LookUp, PaymentOrder, PayoutProvider, ProviderPayment, SendResult } from './provider.ts';

export interface SandboxOptions {
  /** Base URL of the provider's process. */
  url: string;
  secret: string;
  /** How long an answer is awaited before the payment counts as unknown. */
  timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_RETRY_MS = 5_000;
/** The connection never stood, so the provider cannot have read anything. */
const NEVER_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * The sandbox provider over HTTP. Answers are sorted into three classes: 2xx is sent, 422 refused, 429 and a connection that
 * never stood retry; everything else (time-out, 5xx, 409, a body that is no JSON) is unknown, because money may have moved.
 */
export function createSandboxProvider(options: SandboxOptions): PayoutProvider {
  const call = (path: string, init: RequestInit, signal?: AbortSignal) => {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    return fetch(new URL(path, options.url), {
      ...init,
      headers: { authorization: `Bearer ${options.secret}`, 'content-type': 'application/json' },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  };
  return {
    name: 'sandbox',
    async send(order, signal) {
      try {
        return await readSendAnswer(
          await call('/payments', { method: 'POST', body: JSON.stringify(paymentBody(order)) }, signal),
        );
      } catch (error) {
        const code = causeCode(error);
        if (NEVER_REACHED.has(code)) return { kind: 'retry', afterMs: DEFAULT_RETRY_MS, reason: code };
        return { kind: 'unknown', reason: code };
      }
    },
    async lookUp(key, signal) {
      try {
        return await readLookUp(await call(`/payments?key=${encodeURIComponent(key)}`, { method: 'GET' }, signal));
      } catch (error) {
        return { kind: 'unreachable', reason: causeCode(error) };
      }
    },
  };
}

function paymentBody({ key, amount, account, metadata }: PaymentOrder): object {
  return { key, amount, account, metadata };
}

async function readSendAnswer(response: Response): Promise<SendResult> {
  const body = (await response.json().catch(() => ({}))) as { code?: string };
  if (response.ok) return { kind: 'sent' };
  const reason = `${response.status} ${body.code ?? 'without a code'}`;
  if (response.status === 422) return { kind: 'refused', reason };
  if (response.status !== 429) return { kind: 'unknown', reason };
  const seconds = Number(response.headers.get('retry-after'));
  return { kind: 'retry', afterMs: seconds > 0 ? seconds * 1_000 : DEFAULT_RETRY_MS, reason };
}

async function readLookUp(response: Response): Promise<LookUp> {
  if (!response.ok) return { kind: 'unreachable', reason: String(response.status) };
  const { items } = (await response.json()) as { items: ProviderPayment[] };
  const payment = items[0];
  if (!payment) return { kind: 'not-found' };
  const { state, amount, fee } = payment;
  return { kind: 'found', payment: { state, amount, ...(fee && { fee }) } };
}

/** `ECONNREFUSED`, `TimeoutError`, …: the name under which a failed fetch is noted; never an address. */
function causeCode(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return cause?.code ?? name ?? 'failed';
}
