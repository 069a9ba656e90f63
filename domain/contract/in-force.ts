import { durationMs } from '../time/duration.ts';
import { compareInstants, epochMicros } from '../time/instant.ts';
import type { Terms } from './terms.ts';

/** A signed version of a contract. Only countersigned versions are ever in force. */
export interface ContractVersion {
  contractId: string;
  version: number;
  countersignedAt: string;
  effectiveFrom: string;
  terms: Terms;
}

/** A partner's contract over time: all its versions, and when it ended (null: it goes on). */
export interface ContractHistory {
  versions: readonly ContractVersion[];
  endedAt: string | null;
}

/** From when a version is in force: the later of its countersignature and its `effectiveFrom`; never the past. */
export function inForceFrom({ countersignedAt, effectiveFrom }: ContractVersion): string {
  return compareInstants(countersignedAt, effectiveFrom) > 0 ? countersignedAt : effectiveFrom;
}

/**
 * The version in force at an instant, or null. Of several that have begun, the newest version holds. After the contract's end
 * none does, unless the terms that held last name a `tail`, which then keeps them in force for so long.
 */
export function contractInForce({ versions, endedAt }: ContractHistory, at: string): ContractVersion | null {
  const isOver = endedAt !== null && compareInstants(at, endedAt) >= 0;
  const held = newestBegun(versions, isOver ? endedAt : at);
  if (!isOver || held === null) return held;
  const tailMicros = held.terms.tail === null ? 0 : durationMs(held.terms.tail, 'tail') * 1_000;
  return epochMicros(at) < epochMicros(endedAt) + tailMicros ? held : null;
}

function newestBegun(versions: readonly ContractVersion[], at: string): ContractVersion | null {
  return versions
    .filter((version) => compareInstants(inForceFrom(version), at) <= 0)
    .reduce<ContractVersion | null>((newest, next) => (newest && newest.version > next.version ? newest : next), null);
}
