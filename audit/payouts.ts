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
/** States of a payout that was let go and of which our books say that nothing was paid. */
const NOT_PAID = ['failed', 'not-paid'];

export const PAYOUT_CHECKS: readonly Check[] = [
  { name: 'two persons stand behind every payout', find: ({ tx }) => payouts.findPayoutOfOnePerson(tx) },
  { name: 'payouts went to the details that were approved', find: ({ tx }) => payouts.findPayoutOfOtherDetails(tx) },
  { name: 'no release took more than was payable', find: ({ tx }) => payouts.findReleaseAbovePayable(tx) },
  { name: "the provider's book, the ledger and the payouts agree", find: compareBooks, explained: listExplained },
];

/** At most one payment per payout, of its amount; paid here exactly where the provider paid and the ledger says so. */
async function compareBooks({ tx, providerUrl }: Evidence): Promise<string | null> {
  const released = await payouts.listReleasedPayouts(tx);
  for (const payout of released) {
    const fault = faultInLedger(payout) ?? faultInAmount(payout, bookedOf(payout));
    if (fault) return fault;
  }
  const sandboxed = released.filter(isSandboxed);
  if (sandboxed.length === 0) return null;
  if (providerUrl === null) throw new NotChecked('no provider is known');
  for (const payout of sandboxed) {
    const fault = faultInBook(payout, await paymentsOf(providerUrl, payout.id));
    if (fault) return fault;
  }
  return null;
}

/** The differences that finance explained, once nothing else is wrong. */
async function listExplained({ tx, providerUrl }: Evidence): Promise<string | null> {
  const lines: string[] = [];
  for (const payout of await payouts.listReleasedPayouts(tx)) {
    if (payout.explanation === null) continue;
    const [payment] = isSandboxed(payout) && providerUrl !== null ? await paymentsOf(providerUrl, payout.id) : [];
    const difference = differenceOf(payout, payment ?? bookedOf(payout));
    const { by, reason } = payout.explanation;
    if (difference) lines.push(`${difference} ${by} explained it: ${reason.split('\n')[0]}`);
  }
  return lines.length === 0 ? null : lines.join(' ');
}

const isSandboxed = ({ provider }: PaidPayout) => provider === 'sandbox';

/** What the provider moved less than asked is payable again by an entry of its own. */
function faultInLedger({ id, state, released, paid, undone, amountMinor, movedMinor }: PaidPayout): string | null {
  const rests = movedMinor !== null && movedMinor < amountMinor ? 1 : 0;
  if (released !== 1) return `Payout ${id} has ${released} release entries.`;
  if (state === 'paid' && (paid !== (movedMinor === 0 ? 0 : 1) || undone !== rests))
    return `Payout ${id} is paid, and the ledger says paid ${paid} times, undone ${undone} times.`;
  if (state === 'failed' && (paid !== 0 || undone !== 1))
    return `Payout ${id} failed, and its money is not payable again.`;
  if (state === 'returned' && undone !== 1 + rests)
    return `Payout ${id} came back, and its money is not payable again.`;
  return null;
}

type Payment = z.infer<typeof book>['items'][number];
type Moved = Pick<Payment, 'amount' | 'state'>;

/** What the provider did by our own row. */
function bookedOf({ state, amountMinor, movedMinor, currency }: PaidPayout): Moved {
  return { state, amount: { minor: movedMinor ?? amountMinor, currency } };
}

function faultInBook(payout: PaidPayout, payments: readonly Payment[]): string | null {
  const { id, state } = payout;
  if (payments.length > 1) return `The provider holds ${payments.length} payments for payout ${id}.`;
  const [payment] = payments;
  if (!payment) return state === 'paid' ? `Payout ${id} is paid, and the provider knows nothing of it.` : null;
  return faultInAmount(payout, payment);
}

/** A difference that nobody explained, or that is another one than was explained. */
function faultInAmount(payout: PaidPayout, moved: Moved): string | null {
  const difference = differenceOf(payout, moved);
  return difference === null || isExplained(payout, moved) ? null : difference;
}

function differenceOf({ id, state, amountMinor, currency }: PaidPayout, { amount, state: seen }: Moved): string | null {
  if (amount.minor !== amountMinor || amount.currency !== currency) {
    return `The provider paid ${amount.minor} ${amount.currency} for payout ${id} instead of ${amountMinor} ${currency}.`;
  }
  return NOT_PAID.includes(state) && seen === 'paid'
    ? `Payout ${id} is ${state} here, and the provider paid it.`
    : null;
}

/** The task showed the state and what was moved: an explanation speaks of these figures alone. A payout that is not paid here moved nothing. */
function isExplained({ explanation, state, amountMinor, currency }: PaidPayout, { amount }: Moved): boolean {
  if (explanation === null || amount.currency !== currency) return false;
  if (explanation.movedMinor !== null) return explanation.movedMinor === amount.minor;
  return explanation.state === state && amount.minor === amountMinor;
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
