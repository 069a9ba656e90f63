import type { Transform } from '../policy.ts';
import type { RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/** Which touchpoints of a journey count. One for a whole run: its scratch is used again for each conversion. */
export class Counting {
  /** Indexes of the touchpoints that count, oldest first; the first `length` are valid. */
  kept = new Int32Array(64);
  #seenAt = new Int32Array(64);
  #serial = 0;

  /** Eligible touchpoints, less exclusions, less what transforms drop (attribution.md §2). @returns how many are left */
  pick(journeys: JourneyColumns, conversion: number, rule: RuleColumns): number {
    const { trait, touchedAt } = journeys;
    const { reach, isExcludedUnlessOnly } = rule;
    const from = journeys.start[conversion]!;
    const to = journeys.start[conversion + 1]!;
    if (to - from > this.kept.length) this.kept = new Int32Array((to - from) * 2);
    const { kept } = this;
    const at = journeys.at[conversion]!;
    let length = 0;
    let doubtful = 0;
    for (let index = from; index < to; index += 1) {
      const own = trait[index]!;
      const age = at - touchedAt[index]!;
      if (age < 0 || age > reach[own]!) continue;
      kept[length] = index;
      length += 1;
      doubtful += isExcludedUnlessOnly[own]!;
    }
    if (doubtful > 0 && doubtful < length) length = this.#drop(length, trait, isExcludedUnlessOnly);
    for (const transform of rule.policy.transforms) length = this.#transform(length, transform, trait, rule);
    return length;
  }

  /** The first or the last touchpoint that counts, where that is a matter of each alone; −1: none. */
  only(journeys: JourneyColumns, conversion: number, { reach }: RuleColumns, end: 'first' | 'last'): number {
    const { trait, touchedAt } = journeys;
    const from = journeys.start[conversion]!;
    const to = journeys.start[conversion + 1]!;
    const at = journeys.at[conversion]!;
    const step = end === 'first' ? 1 : -1;
    for (let index = end === 'first' ? from : to - 1; index >= from && index < to; index += step) {
      const age = at - touchedAt[index]!;
      if (age >= 0 && age <= reach[trait[index]!]!) return index;
    }
    return -1;
  }

  #drop(length: number, trait: Int32Array, isDropped: Uint8Array): number {
    let left = 0;
    for (let index = 0; index < length; index += 1) {
      const touchpoint = this.kept[index]!;
      if (isDropped[trait[touchpoint]!] === 1) continue;
      this.kept[left] = touchpoint;
      left += 1;
    }
    return left;
  }

  #transform(length: number, transform: Transform, trait: Int32Array, { claimant, claimants }: RuleColumns): number {
    const { kept } = this;
    if (typeof transform === 'object') {
      const dropped = Math.max(0, length - transform.keepLast);
      kept.copyWithin(0, dropped, length);
      return length - dropped;
    }
    if (claimants.length > this.#seenAt.length) this.#seenAt = new Int32Array(claimants.length * 2);
    this.#serial += 1;
    let left = 0;
    for (let index = 0; index < length; index += 1) {
      const touchpoint = kept[index]!;
      const own = claimant[trait[touchpoint]!]!;
      if (transform === 'collapse-repeats') {
        if (index + 1 < length && claimant[trait[kept[index + 1]!]!] === own) continue;
      } else if (this.#seenAt[own] === this.#serial) continue;
      else this.#seenAt[own] = this.#serial;
      kept[left] = touchpoint;
      left += 1;
    }
    return left;
  }
}
