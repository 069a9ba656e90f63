import type { Money } from '../../domain/money/money.ts';

/** A payment to be made once per `key` (the payout's id), whatever happens to the answer. */
export interface PaymentOrder {
  key: string;
  amount: Money;
  /** The partner's account as the rail knows it: an account name of the sandbox, an IBAN. */
  account: string;
  /** Comes back in webhooks, so that they find their way to the program. */
  metadata: { programId: string; payoutId: string };
}

/** What one call told. Only `retry` may be sent again, because the provider said for certain that it booked nothing. */
export type SendResult =
  | { kind: 'sent' }
  /** A definite no: no money moved and none will. */
  | { kind: 'refused'; reason: string }
  | { kind: 'retry'; afterMs: number; reason: string }
  /** The answer is lost or means nothing: look the key up, never send again. */
  | { kind: 'unknown'; reason: string };

/** A line of the provider's own book. */
export interface ProviderPayment {
  state: 'pending' | 'paid' | 'refused' | 'returned';
  /** What the provider moves, which may differ from what was asked. */
  amount: Money;
  /** What the rail took for it, beside the amount; ours, not the partner's. */
  fee?: Money;
}

/** What the provider's book says; `unreachable` says nothing about the payment. */
export type LookUp =
  { kind: 'found'; payment: ProviderPayment } | { kind: 'not-found' } | { kind: 'unreachable'; reason: string };

/** One rail. Neither call ever throws: each way of failing is an answer that the caller must handle. */
export interface PayoutProvider {
  readonly name: string;
  send(order: PaymentOrder, signal?: AbortSignal): Promise<SendResult>;
  lookUp(key: string, signal?: AbortSignal): Promise<LookUp>;
}
