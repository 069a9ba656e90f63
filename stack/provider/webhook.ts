import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { Payment } from './payment.ts';
import { showPayment } from './payment.ts';

/** A message about one change of one payment; `id` stays the same however often it is sent. */
export interface WebhookMessage {
  id: string;
  body: string;
}

export interface WebhookSenderOptions {
  /** `null`: nobody is told. */
  url: string | null;
  /** `whsec_…` */
  secret: string;
  onDelivered(id: string): void;
}

const RETRY_MS = [200, 1_000, 5_000, 15_000, 60_000];
const TIMEOUT_MS = 10_000;

/** `{ type: "payment.paid" | "payment.returned" | …, timestamp, data: <the payment> }`, as Standard Webhooks wants it. */
export function tellPayment(payment: Payment): WebhookMessage {
  const message = { type: `payment.${payment.state}`, timestamp: payment.updatedAt, data: showPayment(payment) };
  return { id: `msg_${randomUUID()}`, body: JSON.stringify(message) };
}

/** Sends signed webhooks until somebody takes them (any 2xx), later and later, at most once a minute. */
export class WebhookSender {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly options: WebhookSenderOptions;
  private readonly signer: Webhook;

  constructor(options: WebhookSenderOptions) {
    this.options = options;
    this.signer = new Webhook(options.secret);
  }

  /** Sends after `delayMs`; `copies` more than 1 sends the same message again although it was taken. */
  send(message: WebhookMessage, { delayMs = 0, copies = 1 }: { delayMs?: number; copies?: number } = {}): void {
    this.later(delayMs, () => void this.attempt(message, 0, copies));
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private async attempt(message: WebhookMessage, attempt: number, copies: number): Promise<void> {
    if (this.options.url === null) return;
    if (!(await this.post(this.options.url, message))) {
      const delayMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0;
      return this.later(delayMs, () => void this.attempt(message, attempt + 1, copies));
    }
    if (copies > 1) return this.later(50, () => void this.attempt(message, 0, copies - 1));
    this.options.onDelivered(message.id);
  }

  private async post(url: string, message: WebhookMessage): Promise<boolean> {
    const at = new Date();
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': message.id,
          'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
          'webhook-signature': this.signer.sign(message.id, at, message.body),
        },
        body: message.body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return response.ok;
    } catch {
      return false;
    }
  }

  private later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delayMs);
    this.timers.add(timer);
  }
}
