import type { TermsLookback, TouchpointKind } from '../../../domain/contract/terms.ts';
import type { Trait } from '../../../domain/attribution/columns/trait.ts';
import { PartnerHistory } from '../partner-history.ts';
import type { Tx } from '../../transaction.ts';
import { ByteDictionary } from './byte-dictionary.ts';
import type { BinaryRow } from './binary-rows.ts';
import { contractPieces, pieceAt, profilePieces } from './partner-pieces.ts';
import type { Pieces } from './partner-pieces.ts';

/** What a touchpoint says itself; the rest of its trait depends on when it and the conversion happened. */
interface Said {
  kind: TouchpointKind;
  channel: string;
  partnerId: string | null;
  /** By piece of the partner's profile and contract: the trait, −1 while nobody asked. */
  traits: Int32Array;
}

interface PartnerTimes {
  contract: Pieces<TermsLookback | null>;
  profile: Pieces<{ partnerType: string | null; market: string | null }>;
}

/** The traits of a run, and the histories of its partners, read once each. Facts received at or after the horizon are not seen. */
export class TraitIndex {
  readonly traits: Trait[] = [];
  readonly #horizon: string;
  readonly #dictionary = new ByteDictionary();
  readonly #said: Said[] = [];
  readonly #partners = new Map<string, PartnerTimes>();

  constructor(horizon: string) {
    this.#horizon = horizon;
  }

  /** A number for what a row says about kind, channel and partner: three fields in a row from `field` on. */
  noteRow(row: BinaryRow, field: number): number {
    const last = field + 2;
    const to = row.from[last]! + Math.max(0, row.length[last]!);
    const known = this.#dictionary.size;
    const said = this.#dictionary.indexOf(row.bytes, row.from[field]! - 4, to);
    if (said === known) {
      this.#said.push({
        kind: row.text(field) as TouchpointKind,
        channel: row.text(field + 1)!,
        partnerId: row.text(last),
        traits: new Int32Array(0),
      });
    }
    return said;
  }

  /** Reads the histories of partners that were named since; call it before `traitOf`. */
  async readPartners(tx: Tx): Promise<void> {
    const fresh = this.#said.flatMap(({ partnerId }) =>
      partnerId === null || this.#partners.has(partnerId) ? [] : [partnerId],
    );
    if (fresh.length === 0) return;
    const history = await PartnerHistory.load(tx, fresh, this.#horizon);
    for (const id of new Set(fresh))
      this.#partners.set(id, { contract: contractPieces(history, id), profile: profilePieces(history, id) });
  }

  /** The trait of a touchpoint that said this, of a conversion at `conversionAt` (both instants in microseconds). */
  traitOf(index: number, touchedAt: number, conversionAt: number): number {
    const said = this.#said[index]!;
    if (said.partnerId === null) {
      if (said.traits.length === 0) said.traits = Int32Array.of(this.#add(said, null, null, {}));
      return said.traits[0]!;
    }
    const { contract, profile } = this.#partners.get(said.partnerId)!;
    if (said.traits.length === 0) said.traits = new Int32Array(contract.values.length * profile.values.length).fill(-1);
    const ofContract = pieceAt(contract, conversionAt);
    const ofProfile = pieceAt(profile, touchedAt);
    const place = ofProfile * contract.values.length + ofContract;
    const known = said.traits[place]!;
    if (known >= 0) return known;
    const { partnerType, market } = profile.values[ofProfile]!;
    return (said.traits[place] = this.#add(said, partnerType, market, contract.values[ofContract]!));
  }

  #add(
    { kind, channel, partnerId }: Said,
    partnerType: string | null,
    market: string | null,
    lookback: TermsLookback | null,
  ): number {
    // Voided touchpoints are not read at all.
    return this.traits.push({ kind, channel, partnerId, partnerType, market, lookback, isVoided: false }) - 1;
  }
}
