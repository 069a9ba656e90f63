import { invalid } from '../errors.ts';
import { compareInstants } from '../time/instant.ts';

/** `propose` asks the partner for consent; `replace` sends the whole offer anew, to be signed like the first. */
export type AmendmentMode = 'propose' | 'replace';

/**
 * From when an amendment holds: never before the consent, because contracts never start in the past.
 * @param consentedAt when the last person needed agreed
 */
export function amendmentHoldsFrom(effectiveFrom: string, consentedAt: string): string {
  return compareInstants(effectiveFrom, consentedAt) < 0 ? consentedAt : effectiveFrom;
}

/** @throws DomainError `invalid` when an amendment is asked to hold from before now */
export function assertNotPast(effectiveFrom: string, now: string): void {
  if (compareInstants(effectiveFrom, now) < 0) {
    throw invalid('effectiveFrom', 'Contracts never start in the past; give an instant from now on.');
  }
}
