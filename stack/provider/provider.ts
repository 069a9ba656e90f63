import type { Book } from './book.ts';
import type { FaultBoard } from './fault.ts';
import { DEFAULT_DELAY_MS } from './fault.ts';
import type { Payment, PaymentRequest, PaymentState } from './payment.ts';
import { isSameRequest } from './payment.ts';
import type { WebhookSender } from './webhook.ts';
import { tellPayment } from './webhook.ts';

export interface ProviderDeps {
  book: Book;
  faults: FaultBoard;
  webhooks: WebhookSender;
  /** How long a payment is `pending`. */
  settleMs: number;
}

export type PayAnswer =
  | { kind: 'booked' | 'repeated'; payment: Payment }
  | { kind: 'refused'; payment: Payment }
  | { kind: 'other-request' }
  | { kind: 'rate-limited'; retryAfterS: number }
  | { kind: 'answer-lost'; afterMs: number }
  | { kind: 'error-after-success' };

/** Takes payments as a bank's API would: once per key, settled a little later, told by webhook, and sometimes badly. */
export class Provider {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly deps: ProviderDeps;

  constructor(deps: ProviderDeps) {
    this.deps = deps;
  }

  /** Goes on where a crash cut: payments that were pending settle, webhooks that nobody took are sent. */
  resume(): void {
    for (const message of this.deps.book.listUndelivered()) this.deps.webhooks.send(message);
    for (const payment of this.deps.book.list()) if (payment.state === 'pending') this.settleLater(payment.key);
  }

  /** Books at most one payment per key, whatever goes wrong with the answer. */
  pay(request: PaymentRequest): PayAnswer {
    const { book, faults } = this.deps;
    const limit = faults.take('rate-limit', request.key);
    if (limit) return { kind: 'rate-limited', retryAfterS: limit.retryAfterS };
    const known = book.find(request.key);
    if (known) {
      if (!isSameRequest(known, request)) return { kind: 'other-request' };
      return { kind: known.state === 'refused' ? 'refused' : 'repeated', payment: known };
    }
    // Accounts by which a test asks for a definite no.
    if (request.account.startsWith('fail')) return { kind: 'refused', payment: book.open(request, 'refused') };

    const wrong = faults.take('wrong-amount', request.key);
    const movedMinor = request.amount.minor + (wrong?.differenceMinor ?? 0);
    const payment = book.open(request, 'pending', movedMinor, faults.take('fee', request.key)?.feeMinor);
    this.settleLater(request.key);
    const lost = faults.take('timeout-after-success', request.key);
    if (lost) return { kind: 'answer-lost', afterMs: lost.delayMs ?? DEFAULT_DELAY_MS[lost.kind] };
    if (faults.take('error-after-success', request.key)) return { kind: 'error-after-success' };
    return { kind: 'booked', payment };
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private settleLater(key: string): void {
    this.later(this.deps.settleMs, () => {
      this.moveAndTell(key, 'paid');
      const back = this.deps.faults.take('returned-after-paid', key);
      if (back) this.later(back.delayMs ?? DEFAULT_DELAY_MS[back.kind], () => this.moveAndTell(key, 'returned'));
    });
  }

  private moveAndTell(key: string, state: PaymentState): void {
    const { book, faults, webhooks } = this.deps;
    const payment = book.find(key);
    if (payment === undefined) return;
    const message = tellPayment({ ...payment, state, updatedAt: new Date().toISOString() });
    book.move(key, state, message);
    const late = faults.take('late-webhook', key);
    const copies = faults.take('duplicate-webhook', key) ? 2 : 1;
    webhooks.send(message, { copies, delayMs: late ? (late.delayMs ?? DEFAULT_DELAY_MS[late.kind]) : 0 });
  }

  private later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delayMs);
    this.timers.add(timer);
  }
}
