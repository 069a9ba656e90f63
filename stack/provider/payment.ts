import { z } from 'zod';

/** What a caller asks for. `key` makes it idempotent; `metadata` is given back in answers and webhooks. */
export const paymentRequest = z.strictObject({
  key: z.string().min(1).max(255),
  amount: z.strictObject({ minor: z.int().positive(), currency: z.string().regex(/^[A-Z]{3}$/) }),
  account: z.string().min(1).max(64),
  metadata: z.record(z.string().max(64), z.string().max(255)).optional(),
});

export type PaymentRequest = z.infer<typeof paymentRequest>;

/**
 * `pending` → `paid` → perhaps `returned`; `refused` is final and moved no money.
 * Only `paid` is money that left; `returned` is money that came back.
 */
export type PaymentState = 'pending' | 'paid' | 'refused' | 'returned';

/** A line of the provider's book. `amount` is what moves, which the fault `wrong-amount` makes differ from what was asked. */
export interface Payment extends PaymentRequest {
  state: PaymentState;
  /** What was asked for: the same key with another request is refused. */
  asked: PaymentRequest['amount'];
  /** What the rail took for it from the payer, beside the amount; absent where it took nothing. */
  fee?: PaymentRequest['amount'];
  createdAt: string;
  updatedAt: string;
}

/** The public form, as `GET /payments` and the webhooks show it. */
export function showPayment({ asked: _asked, ...shown }: Payment): Omit<Payment, 'asked'> {
  return shown;
}

/** Whether a repeated request is the same one: same account and same amount asked. */
export function isSameRequest(payment: Payment, request: PaymentRequest): boolean {
  return (
    payment.account === request.account &&
    payment.asked.minor === request.amount.minor &&
    payment.asked.currency === request.amount.currency
  );
}
