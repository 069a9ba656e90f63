import { compareInstants } from '../time/instant.ts';
import { inForceFrom } from './in-force.ts';
import type { ContractVersion } from './in-force.ts';

/** A window of a contract, with the currency that it is stated in. */
export interface CurrencyWindow {
  fromAt: string;
  toAt: string;
  currency: string;
}

/** Whether versions of a contract are in several currencies, so that it matters which of its windows has which. */
export function changesCurrency(versions: readonly ContractVersion[]): boolean {
  return versions.some(({ terms }) => terms.currency !== versions[0]!.terms.currency);
}

/**
 * The versions with the instants from which they hold. A currency changes at the next window boundary, and all amounts of a version are in
 * its currency: so one in another currency than the window in which it comes into force holds, as a whole, from the first window of its own
 * currency on, and the one before it until then.
 * @param versions of one contract, by the instant of each; the first one is as it is
 * @param windows of this contract, in order, as far as they are known
 */
export function holdFromWindows(
  versions: readonly ContractVersion[],
  windows: readonly CurrencyWindow[],
): ContractVersion[] {
  return versions.map((version, index) =>
    index === 0 ? version : { ...version, effectiveFrom: firstWindowInstant(version, windows) },
  );
}

function firstWindowInstant(version: ContractVersion, windows: readonly CurrencyWindow[]): string {
  const from = inForceFrom(version);
  const ahead = windows.filter(({ toAt }) => compareInstants(toAt, from) > 0);
  const own = ahead.find(({ currency }) => currency === version.terms.currency);
  // Not written yet: it is the one after those that are.
  const begins = own?.fromAt ?? ahead.at(-1)?.toAt ?? from;
  return compareInstants(begins, from) > 0 ? begins : from;
}
