import type { ContractFactRow, ProfileFact } from '../queries/partner-facts.ts';
import { readContractFacts, readProfiles } from '../queries/partner-facts.ts';
import type { Tx } from '../transaction.ts';
import { contractExpiry } from '../../domain/contract/expiry.ts';
import { contractInForce } from '../../domain/contract/in-force.ts';
import type { ContractHistory, ContractVersion } from '../../domain/contract/in-force.ts';
import type { Zone } from '../../domain/settlement/zone.ts';
import { compareInstants } from '../../domain/time/instant.ts';

/** What held for partners at any instant: contract version, type, market, zone. Read once per batch. */
export class PartnerHistory {
  readonly #loaded: ReadonlySet<string>;
  readonly #contracts: Map<string, ContractHistory[]>;
  readonly #profiles: Map<string, ProfileFact[]>;

  private constructor(
    loaded: ReadonlySet<string>,
    contracts: Map<string, ContractHistory[]>,
    profiles: Map<string, ProfileFact[]>,
  ) {
    this.#loaded = loaded;
    this.#contracts = contracts;
    this.#profiles = profiles;
  }

  /** @param horizon contract facts received at or after it are not seen */
  static async load(tx: Tx, partnerIds: readonly string[], horizon: string): Promise<PartnerHistory> {
    const loaded = new Set(partnerIds);
    const ids = [...loaded];
    const facts = await readContractFacts(tx, ids, horizon);
    const profiles = new Map<string, ProfileFact[]>();
    for (const profile of await readProfiles(tx, ids))
      profiles.set(profile.partnerId, [...(profiles.get(profile.partnerId) ?? []), profile]);
    return new PartnerHistory(loaded, historiesOf(facts), profiles);
  }

  /** This history with that of partners which it does not name yet. */
  async including(tx: Tx, partnerIds: readonly string[], horizon: string): Promise<PartnerHistory> {
    const missing = partnerIds.filter((id) => !this.#loaded.has(id));
    if (missing.length === 0) return this;
    const more = await PartnerHistory.load(tx, missing, horizon);
    return new PartnerHistory(
      new Set([...this.#loaded, ...more.#loaded]),
      new Map([...this.#contracts, ...more.#contracts]),
      new Map([...this.#profiles, ...more.#profiles]),
    );
  }

  /** The contract version in force at an instant, or null; a later contract beats the tail of an ended one. */
  contractAt(partnerId: string, at: string): ContractVersion | null {
    const held = (this.#contracts.get(partnerId) ?? []).map((history) => ({
      history,
      version: contractInForce(history, at),
    }));
    const standing = held.filter(({ version }) => version !== null);
    const running = standing.find(
      ({ history }) => history.endedAt === null || compareInstants(at, history.endedAt) < 0,
    );
    return (running ?? standing.at(-1))?.version ?? null;
  }

  /** The partner's contracts, oldest first. */
  contracts(partnerId: string): ContractHistory[] {
    return this.#contracts.get(partnerId) ?? [];
  }

  /**
   * When a contract expires by the terms of all its versions, RFC 3339; null when it does not.
   * @param zoneOf the clock of a place by its IANA name: that of the partner when the contract began
   */
  expiryOf(partnerId: string, contractId: string, zoneOf: (name: string) => Zone): string | null {
    const contract = this.contracts(partnerId).find(({ versions }) => versions[0]?.contractId === contractId);
    const [first] = contract?.versions ?? [];
    if (!contract || !first) return null;
    const timeZone = this.profileAt(partnerId, first.effectiveFrom)?.timeZone ?? 'UTC';
    return contractExpiry(contract.versions, zoneOf(timeZone));
  }

  /** The instants at which the partner's type, market or zone may change. */
  profileChanges(partnerId: string): string[] {
    return (this.#profiles.get(partnerId) ?? []).flatMap(({ effectiveFrom }) => effectiveFrom ?? []);
  }

  /** Type, market and zone when it happened; before the first profile, the first. */
  profileAt(partnerId: string, at: string): Omit<ProfileFact, 'partnerId' | 'effectiveFrom'> | null {
    const profiles = this.#profiles.get(partnerId) ?? [];
    const begun = profiles.filter(
      ({ effectiveFrom }) => effectiveFrom === null || compareInstants(effectiveFrom, at) <= 0,
    );
    return begun.at(-1) ?? profiles[0] ?? null;
  }
}

function historiesOf(facts: readonly ContractFactRow[]): Map<string, ContractHistory[]> {
  const byContract = new Map<string, { partnerId: string; versions: ContractVersion[]; endedAt: string | null }>();
  for (const { partnerId, contractId, kind, version, at, terms } of facts) {
    const contract = byContract.get(contractId) ?? { partnerId, versions: [], endedAt: null };
    byContract.set(contractId, contract);
    // The fact's instant is the later of countersignature and effective date already.
    if (kind === 'in-force')
      contract.versions.push({ contractId, version, countersignedAt: at, effectiveFrom: at, terms });
    else if (contract.endedAt === null || compareInstants(at, contract.endedAt) < 0) contract.endedAt = at;
  }
  const byPartner = new Map<string, ContractHistory[]>();
  for (const { partnerId, ...history } of byContract.values())
    byPartner.set(partnerId, [...(byPartner.get(partnerId) ?? []), history]);
  return byPartner;
}
