import type { ContractFactRow, ProfileFact } from '../queries/partner-facts.ts';
import { readContractFacts, readCurrencyWindows, readProfiles } from '../queries/partner-facts.ts';
import type { Tx } from '../transaction.ts';
import { changesCurrency, holdFromWindows } from '../../domain/contract/currency-change.ts';
import { contractExpiry } from '../../domain/contract/expiry.ts';
import { contractInForce } from '../../domain/contract/in-force.ts';
import type { ContractHistory, ContractVersion } from '../../domain/contract/in-force.ts';
import type { Zone } from '../../domain/settlement/zone.ts';
import { compareInstants } from '../../domain/time/instant.ts';

/** What held for partners at any instant: contract version, type, market, zone. Read once per batch. */
export class PartnerHistory {
  readonly #loaded: ReadonlySet<string>;
  /** As they came into force; a version in another currency waits for the window from which it holds. */
  readonly #signed: Contracts;
  /** As they hold for credit and money. */
  readonly #contracts: Contracts;
  readonly #profiles: Map<string, ProfileFact[]>;

  private constructor(
    loaded: ReadonlySet<string>,
    { signed, contracts }: { signed: Contracts; contracts: Contracts },
    profiles: Map<string, ProfileFact[]>,
  ) {
    this.#loaded = loaded;
    this.#signed = signed;
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
    const signed = historiesOf(facts);
    return new PartnerHistory(loaded, { signed, contracts: await heldBy(tx, signed) }, profiles);
  }

  /** This history with that of partners which it does not name yet. */
  async including(tx: Tx, partnerIds: readonly string[], horizon: string): Promise<PartnerHistory> {
    const missing = partnerIds.filter((id) => !this.#loaded.has(id));
    if (missing.length === 0) return this;
    const more = await PartnerHistory.load(tx, missing, horizon);
    return new PartnerHistory(
      new Set([...this.#loaded, ...more.#loaded]),
      {
        signed: new Map([...this.#signed, ...more.#signed]),
        contracts: new Map([...this.#contracts, ...more.#contracts]),
      },
      new Map([...this.#profiles, ...more.#profiles]),
    );
  }

  /**
   * The contract version by which a partner is credited and paid at an instant, or null; a later contract beats the tail of an ended one.
   * One that changes the currency is it from a window on (`currency-change.ts`).
   */
  contractAt(partnerId: string, at: string): ContractVersion | null {
    return versionAt(this.contracts(partnerId), at);
  }

  /** The version that was signed for an instant, whatever the currency of the window that holds it: by it the next window is made. */
  signedAt(partnerId: string, at: string): ContractVersion | null {
    return versionAt(this.signedContracts(partnerId), at);
  }

  /** The partner's contracts as they hold, oldest first. */
  contracts(partnerId: string): ContractHistory[] {
    return this.#contracts.get(partnerId) ?? [];
  }

  /** The partner's contracts as they were signed, oldest first. */
  signedContracts(partnerId: string): ContractHistory[] {
    return this.#signed.get(partnerId) ?? [];
  }

  /**
   * When a contract expires by the terms of all its versions, RFC 3339; null when it does not.
   * @param zoneOf the clock of a place by its IANA name: that of the partner when the contract began
   */
  expiryOf(partnerId: string, contractId: string, zoneOf: (name: string) => Zone): string | null {
    const contract = this.signedContracts(partnerId).find(({ versions }) => versions[0]?.contractId === contractId);
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

type Contracts = Map<string, ContractHistory[]>;

function versionAt(contracts: readonly ContractHistory[], at: string): ContractVersion | null {
  const held = contracts.map((history) => ({ history, version: contractInForce(history, at) }));
  const standing = held.filter(({ version }) => version !== null);
  const running = standing.find(({ history }) => history.endedAt === null || compareInstants(at, history.endedAt) < 0);
  return (running ?? standing.at(-1))?.version ?? null;
}

/** Contracts by the windows that are written. Those in one currency need none. */
async function heldBy(tx: Tx, signed: Contracts): Promise<Contracts> {
  const changing = [...signed.values()].flat().filter(({ versions }) => changesCurrency(versions));
  if (changing.length === 0) return signed;
  const windows = await readCurrencyWindows(
    tx,
    changing.map(({ versions }) => versions[0]!.contractId),
  );
  const held = new Map(
    changing.map((contract) => {
      const own = windows.filter(({ contractId }) => contractId === contract.versions[0]!.contractId);
      return [contract, { ...contract, versions: holdFromWindows(contract.versions, own) }];
    }),
  );
  return new Map([...signed].map(([id, contracts]) => [id, contracts.map((one) => held.get(one) ?? one)]));
}

function historiesOf(facts: readonly ContractFactRow[]): Contracts {
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
