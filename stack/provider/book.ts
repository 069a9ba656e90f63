import { join } from 'node:path';
import type { Journal } from './journal.ts';
import { openJournal } from './journal.ts';
import type { Payment, PaymentRequest, PaymentState } from './payment.ts';
import type { WebhookMessage } from './webhook.ts';

type Entry =
  | { type: 'payment'; payment: Payment }
  | { type: 'state'; key: string; state: PaymentState; at: string; webhook?: WebhookMessage }
  | { type: 'delivered'; webhookId: string };

/**
 * The provider's own book, apart from Tandem's database so that reconciliation compares two stores: payments by key, and
 * the webhooks that were not delivered yet. Everything is in a journal on disk before it is answered.
 */
export class Book {
  private readonly payments = new Map<string, Payment>();
  private readonly undelivered = new Map<string, WebhookMessage>();
  private readonly journal: Journal<Entry>;

  constructor(dir: string) {
    this.journal = openJournal(join(dir, 'book.jsonl'), (entry: Entry) => this.apply(entry));
  }

  find(key: string): Payment | undefined {
    return this.payments.get(key);
  }

  /** In the order in which they were booked. */
  list(): Payment[] {
    return [...this.payments.values()];
  }

  /** Webhooks to be sent (again) after a start. */
  listUndelivered(): WebhookMessage[] {
    return [...this.undelivered.values()];
  }

  /** Books a payment that the book does not hold yet. */
  open(request: PaymentRequest, state: PaymentState, movedMinor = request.amount.minor, feeMinor = 0): Payment {
    const at = new Date().toISOString();
    const amount = { ...request.amount, minor: movedMinor };
    const fee = feeMinor === 0 ? {} : { fee: { ...request.amount, minor: feeMinor } };
    const payment: Payment = { ...request, amount, asked: request.amount, ...fee, state, createdAt: at, updatedAt: at };
    this.write({ type: 'payment', payment });
    return payment;
  }

  /** Moves a payment on, together with the webhook that will tell of it: after a crash both or neither are there. */
  move(key: string, state: PaymentState, webhook?: WebhookMessage): void {
    this.write({ type: 'state', key, state, at: new Date().toISOString(), ...(webhook && { webhook }) });
  }

  markDelivered(webhookId: string): void {
    if (this.undelivered.has(webhookId)) this.write({ type: 'delivered', webhookId });
  }

  close(): void {
    this.journal.close();
  }

  private write(entry: Entry): void {
    this.journal.append(entry);
    this.apply(entry);
  }

  private apply(entry: Entry): void {
    switch (entry.type) {
      case 'payment':
        this.payments.set(entry.payment.key, entry.payment);
        break;
      case 'state': {
        const payment = this.payments.get(entry.key);
        if (payment) this.payments.set(entry.key, { ...payment, state: entry.state, updatedAt: entry.at });
        if (entry.webhook) this.undelivered.set(entry.webhook.id, entry.webhook);
        break;
      }
      case 'delivered':
        this.undelivered.delete(entry.webhookId);
        break;
    }
  }
}
