import { z } from 'zod';
import * as payouts from '../db/audit/payouts.ts';
import type { PaidPayout } from '../db/audit/payouts.ts';
import { NotChecked } from './check.ts';
import type { Check, Evidence } from './check.ts';

const book = z.object({
  items: z.array(
    z.object({
      key: z.string(),
      amount: z.object({ minor: z.number().int(), currency: z.string() }),
      state: z.string(),
    }),
  ),
});
const TIMEOUT_MS = 5_000;

export const PAYOUT_CHECKS: readonly Check[] = [
  { name: 'two persons stand behind every payout', find: ({ tx }) => payouts.findPayoutOfOnePerson(tx) },
  { name: 'payouts went to the details that were approved', find: ({ tx }) => payouts.findPayoutOfOtherDetails(tx) },
  { name: 'no release took more than was payable', find: ({ tx }) => payouts.findReleaseAbovePayable(tx) },
  { name: "the provider's book, the ledger and the payouts agree", find: compareBooks },
];

/** At most one payment per payout, of its amount; paid here exactly where the provider paid and the ledger says so. */
async function compareBooks({ tx, providerUrl }: Evidence): Promise<string | null> {
  const released = await payouts.listReleasedPayouts(tx);
  for (const payout of released) {
    const fault = faultInLedger(payout);
    if (fault) return fault;
  }
  const sandboxed = released.filter(({ provider }) => provider === 'sandbox');
  if (sandboxed.length === 0) return null;
  if (providerUrl === null) throw new NotChecked('no provider is known');
  for (const payout of sandboxed) {
    const fault = faultInBook(payout, await paymentsOf(providerUrl, payout.id));
    if (fault) return fault;
  }
  return null;
}

function faultInLedger({ id, state, released, paid, undone }: PaidPayout): string | null {
  if (released !== 1) return `Payout ${id} has ${released} release entries.`;
  if (state === 'paid' && (paid !== 1 || undone !== 0))
    return `Payout ${id} is paid, and the ledger says paid ${paid} times, undone ${undone} times.`;
  if (state === 'failed' && (paid !== 0 || undone !== 1))
    return `Payout ${id} failed, and its money is not payable again.`;
  if (state === 'returned' && undone !== 1) return `Payout ${id} came back, and its money is not payable again.`;
  return null;
}

type Payment = z.infer<typeof book>['items'][number];

function faultInBook({ id, state, amountMinor, currency }: PaidPayout, payments: readonly Payment[]): string | null {
  if (payments.length > 1) return `The provider holds ${payments.length} payments for payout ${id}.`;
  const [payment] = payments;
  if (!payment) return state === 'paid' ? `Payout ${id} is paid, and the provider knows nothing of it.` : null;
  if (payment.amount.minor !== amountMinor || payment.amount.currency !== currency) {
    return `The provider paid ${payment.amount.minor} ${payment.amount.currency} for payout ${id} instead of ${amountMinor} ${currency}.`;
  }
  if (state === 'failed' && payment.state === 'paid') return `Payout ${id} failed here, and the provider paid it.`;
  return null;
}

async function paymentsOf(providerUrl: string, key: string): Promise<Payment[]> {
  try {
    const answer = await fetch(`${providerUrl}/payments?key=${encodeURIComponent(key)}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new NotChecked(`the provider answered ${answer.status}`);
    return book.parse(await answer.json()).items;
  } catch (error) {
    if (error instanceof NotChecked || error instanceof z.ZodError) throw error;
    throw new NotChecked(`the provider at ${providerUrl} is away`);
  }
}
