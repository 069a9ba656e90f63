import { z } from 'zod';

/** How a payment provider goes wrong, or takes a fee, each switchable through `POST /faults`. */
export const FAULT_KINDS = [
  'timeout-after-success',
  'error-after-success',
  'rate-limit',
  'wrong-amount',
  'duplicate-webhook',
  'late-webhook',
  'returned-after-paid',
  'fee',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** Switches one fault on, for the next `times` payments that it fits, or for one payment's key only. */
export const faultRequest = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  times: z.int().min(1).max(1_000_000).default(1),
  key: z.string().min(1).max(255).optional(),
  /** `timeout-after-success`: how long the answer is withheld; `late-webhook`, `returned-after-paid`: how much later. */
  delayMs: z.int().min(0).max(600_000).optional(),
  /** `rate-limit`: the `Retry-After` of the 429. */
  retryAfterS: z.int().min(1).max(3600).default(1),
  /** `wrong-amount`: added to what was asked. */
  differenceMinor: z.int().default(-1),
  /** `fee`: what the rail takes for the payment, beside its amount. */
  feeMinor: z.int().min(1).default(25),
});

export type Fault = z.infer<typeof faultRequest>;

/** Used when a fault says no `delayMs`. */
export const DEFAULT_DELAY_MS: Record<FaultKind, number> = {
  'timeout-after-success': 120_000,
  'error-after-success': 0,
  'rate-limit': 0,
  'wrong-amount': 0,
  'duplicate-webhook': 0,
  'late-webhook': 5_000,
  'returned-after-paid': 2_000,
  fee: 0,
};

/** The faults that are switched on, in order; each is used up `times` times. */
export class FaultBoard {
  private faults: Fault[] = [];

  add(fault: Fault): void {
    this.faults.push({ ...fault });
  }

  /** Takes one use of the first fault of this kind that fits the key, if there is one. */
  take(kind: FaultKind, key: string): Fault | undefined {
    const fault = this.faults.find((one) => one.kind === kind && (one.key === undefined || one.key === key));
    if (fault === undefined) return undefined;
    fault.times -= 1;
    this.faults = this.faults.filter((one) => one.times > 0);
    return fault;
  }

  clear(): void {
    this.faults = [];
  }

  list(): Fault[] {
    return this.faults.map((fault) => ({ ...fault }));
  }
}
