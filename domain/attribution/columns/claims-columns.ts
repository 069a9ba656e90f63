import { compareText } from '../journey.ts';
import type { Claimant, RuleColumns } from './rule-columns.ts';
import { NOBODY } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/** More claims than this are split by the plain rules, whose cost grows less with their number. */
export const MOST_CLAIMS = 64;

/** The claims of one conversion: weights summed by beneficiary and channel. Scratch that is used again for each conversion. */
export class ClaimsColumns {
  length = 0;
  /** Of all touchpoints; exact while it is a safe integer. */
  sum = 0;
  claimant = new Int32Array(64);
  weight = new Float64Array(64);
  /** Index of the first and of the last touchpoint with weight. */
  first = new Int32Array(64);
  last = new Int32Array(64);
  #slotOf = new Int32Array(64);
  #filledAt = new Int32Array(64);
  #serial = 0;

  /** Sums the weights of the touchpoints that count, and puts the claims in the order that breaks ties. */
  gather(journeys: JourneyColumns, rule: RuleColumns, kept: Int32Array, count: number, weights: Float64Array): void {
    this.#makeRoom(count + 1, rule.claimants.length);
    this.length = 0;
    this.sum = 0;
    this.#serial += 1;
    for (let index = 0; index < count; index += 1) {
      const weight = weights[index]!;
      if (weight === 0) continue;
      const touchpoint = kept[index]!;
      const own = rule.claimant[journeys.trait[touchpoint]!]!;
      this.sum += weight;
      if (this.#filledAt[own] === this.#serial) {
        const slot = this.#slotOf[own]!;
        this.weight[slot] = this.weight[slot]! + weight;
        this.last[slot] = touchpoint;
        continue;
      }
      this.#filledAt[own] = this.#serial;
      this.#slotOf[own] = this.length;
      this.claimant[this.length] = own;
      this.weight[this.length] = weight;
      this.first[this.length] = touchpoint;
      this.last[this.length] = touchpoint;
      this.length += 1;
    }
    // More are split by the plain rules, which order them by themselves; moving each past all others would take for ever.
    if (this.length <= MOST_CLAIMS) this.#breakTies(journeys.touchedAt, rule.claimants);
  }

  /** They stand in the order of their first touchpoint already; only those of one microsecond may have to change places. */
  #breakTies(touchedAt: Float64Array, claimants: readonly Claimant[]): void {
    for (let index = 1; index < this.length; index += 1) {
      for (let at = index; at > 0; at -= 1) {
        if (touchedAt[this.first[at]!] !== touchedAt[this.first[at - 1]!]) break;
        if (compareClaimants(claimants[this.claimant[at - 1]!]!, claimants[this.claimant[at]!]!) <= 0) break;
        this.#swap(at);
      }
    }
  }

  #swap(at: number): void {
    for (const column of [this.claimant, this.weight, this.first, this.last]) {
      const moved = column[at]!;
      column[at] = column[at - 1]!;
      column[at - 1] = moved;
    }
  }

  /**
   * Caps the one partner above `num / den` of the sum; what is cut off becomes a claim of the programme.
   * @returns false where two partners are above, or numbers leave the safe range: nothing is changed then
   */
  capExactly({ partnerOf }: RuleColumns, { num, den }: { num: number; den: number }, mostSum: number): boolean {
    let above = -1;
    let aboveSum = 0;
    for (let index = 0; index < this.length; index += 1) {
      const partner = partnerOf[this.claimant[index]!]!;
      if (partner < 0 || partner === above) continue;
      const sum = this.#sumOf(partner, partnerOf);
      if (!(sum * den <= Number.MAX_SAFE_INTEGER && this.sum * num <= Number.MAX_SAFE_INTEGER)) return false;
      if (sum * den <= this.sum * num) continue;
      if (above >= 0) return false;
      above = partner;
      aboveSum = sum;
    }
    if (above < 0) return true;
    if (!(this.sum * den * aboveSum <= mostSum)) return false;
    for (let index = 0; index < this.length; index += 1) {
      const isAbove = partnerOf[this.claimant[index]!] === above;
      this.weight[index] = this.weight[index]! * (isAbove ? this.sum * num : aboveSum * den);
    }
    this.claimant[this.length] = NOBODY;
    this.weight[this.length] = aboveSum * (aboveSum * den - this.sum * num);
    this.first[this.length] = -1;
    this.last[this.length] = -1;
    this.sum = this.sum * den * aboveSum;
    this.length += 1;
    return true;
  }

  #sumOf(partner: number, partnerOf: readonly number[]): number {
    let sum = 0;
    for (let index = 0; index < this.length; index += 1)
      if (partnerOf[this.claimant[index]!] === partner) sum += this.weight[index]!;
    return sum;
  }

  #makeRoom(claims: number, claimants: number): void {
    if (claims > this.claimant.length) {
      this.claimant = new Int32Array(claims * 2);
      this.weight = new Float64Array(claims * 2);
      this.first = new Int32Array(claims * 2);
      this.last = new Int32Array(claims * 2);
    }
    if (claimants > this.#slotOf.length) {
      this.#slotOf = new Int32Array(claimants * 2);
      this.#filledAt = new Int32Array(claimants * 2);
    }
  }
}

function compareClaimants(a: Claimant, b: Claimant): number {
  return compareText(a.beneficiary.id, b.beneficiary.id) || compareText(a.channel, b.channel);
}
