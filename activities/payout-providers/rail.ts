import { DomainError } from '../../domain/errors.ts';
import type { ActivityDeps } from '../deps.ts';
import type { PayoutProvider } from './provider.ts';
import { createSandboxProvider } from './sandbox.ts';

/** Which provider carries a method of payout. The sandbox takes IBANs too, as long as there is no bank file. */
export function railOf(_method: 'sepa' | 'sandbox'): string {
  return 'sandbox';
}

/** @throws DomainError `unavailable` when no such provider is set up here; waiting money is asked for again later */
export function payoutProvider(providers: ActivityDeps['providers'], name: string): PayoutProvider {
  if (name === 'sandbox' && providers.sandbox) return createSandboxProvider(providers.sandbox);
  throw new DomainError(
    'unavailable',
    `The payout provider ${name} is not set up: give PAYOUT_PROVIDER_URL and its secret.`,
  );
}
