import { decayedWeight } from '../models/time-decay.ts';
import { compareText } from '../journey.ts';
import type { Claimant, RuleColumns } from './rule-columns.ts';
import type { JourneyColumns } from './trait.ts';

/** Longer journeys are split by the plain rules; hardly anybody has more within a lookback. */
export const MOST_TOUCHPOINTS = 20_000;
/** More claims than this are split by the plain rules, whose cost grows less with their number. */
export const MOST_CLAIMS = 64;
/** Places of claims are counted on from one conversion to the next, and begin anew long before they leave 32 bits. */
const MOST_PLACES = 2 ** 30;

// Scratch that is used again for each conversion, by all instances: nothing here waits, so no two are at work at once. Constants of
// the module, because the engine then knows where each array lies and how long it is: looking it up at each access takes a third more time.
/** Of the touchpoints that count, oldest first: index, claimant and weight. */
const kept = new Int32Array(MOST_TOUCHPOINTS);
const earner = new Int32Array(MOST_TOUCHPOINTS);
const weights = new Float64Array(MOST_TOUCHPOINTS);
/** Of the claims: a cap adds one, and one more is cleared ahead. */
const claimant = new Int32Array(MOST_TOUCHPOINTS + 2);
const weight = new Float64Array(MOST_TOUCHPOINTS + 2);
const last = new Int32Array(MOST_TOUCHPOINTS + 2);

/** The claims of one conversion: weights summed by beneficiary and channel. They hold until the next one is gathered, by whomever. */
export class ClaimsColumns {
  length = 0;
  /** Of all touchpoints; exact while it is a safe integer. Never a small integer for the engine, whose code for those would have to go. */
  sum = NaN;
  readonly claimant = claimant;
  readonly weight = weight;
  /** Index of the last touchpoint with weight. */
  readonly last = last;
  /** Indexes of the touchpoints that were taken. */
  readonly kept = kept;
  /** Whether two of them may stand in one microsecond. */
  #isTied = false;
  /** By claimant: the place of its claim, counted on from `#base`; one from before has none yet. */
  #placeOf = new Int32Array(64);
  #base = 1;

  /**
   * Takes the touchpoints that count, where that is a matter of each alone; of at most MOST_TOUCHPOINTS.
   * @returns how many they are
   */
  pick(journeys: JourneyColumns, conversion: number, rule: RuleColumns): number {
    const { trait, touchedAt, start } = journeys;
    const { reach, unit } = rule;
    const claimantOf = rule.claimant;
    const to = start[conversion + 1]!;
    const at = journeys.at[conversion]!;
    let count = 0;
    let newestAge = -1;
    let isTied = false;
    for (let index = start[conversion]!; index < to; index += 1) {
      const own = trait[index]!;
      const age = at - touchedAt[index]!;
      if (age < 0 || age > reach[own]!) continue;
      kept[count] = index;
      earner[count] = claimantOf[own]!;
      weights[count] = unit[own]!;
      count += 1;
      if (age === newestAge) isTied = true;
      newestAge = age;
    }
    this.#isTied = isTied;
    return count;
  }

  /** Takes those that were picked elsewhere: the first `count` of `picked`, at most MOST_TOUCHPOINTS. */
  take({ trait }: JourneyColumns, rule: RuleColumns, picked: Int32Array, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const own = trait[picked[index]!]!;
      kept[index] = picked[index]!;
      earner[index] = rule.claimant[own]!;
      weights[index] = rule.unit[own]!;
    }
    this.#isTied = true;
  }

  /**
   * Multiplies the weight of each of the `count` touchpoints by what the model gives it: whole numbers on one scale for the journey. They are
   * exact while safe integers; under time-decay the product may be rounded once.
   */
  weigh(journeys: JourneyColumns, conversion: number, rule: RuleColumns, count: number): void {
    if (count === 0) return;
    switch (rule.kind) {
      case 'first':
        weights.fill(0, 1, count);
        return;
      case 'last':
        weights.fill(0, 0, count - 1);
        return;
      case 'linear':
      case 'weights':
        return;
      case 'position':
        weighByPosition(count, rule.parts);
        return;
      case 'time-decay':
        weighByAge(journeys, journeys.at[conversion]!, rule.halfLifeMicros, count);
    }
  }

  /** Sums the weights of the `count` touchpoints, and puts the claims in the order that breaks ties. */
  gather({ touchedAt }: JourneyColumns, { claimants }: RuleColumns, count: number): void {
    this.#makeRoom(claimants.length);
    const placeOf = this.#placeOf;
    const base = this.#base;
    let length = 0;
    let sum = 0;
    weight[0] = 0;
    for (let index = 0; index < count; index += 1) {
      const own = weights[index]!;
      if (own === 0) continue;
      const who = earner[index]!;
      sum += own;
      // Nobody can guess whether it is a new claim, a processor neither: so no branch, and each claim starts from a cleared weight.
      const known = placeOf[who]! - base;
      const isNew = known >> 31;
      const place = known + ((length - known) & isNew);
      placeOf[who] = base + place;
      claimant[place] = who;
      weight[place] = weight[place]! + own;
      last[place] = kept[index]!;
      length -= isNew;
      weight[length] = 0;
    }
    this.length = length;
    this.sum = sum;
    // More are split by the plain rules, which order them by themselves; moving each past all others would take for ever.
    if (this.#isTied && length <= MOST_CLAIMS) this.#breakTies(touchedAt, claimants, count);
    this.#base = base + length;
  }

  /** They stand in the order of their first touchpoint already; only those of one microsecond may have to change places. */
  #breakTies(touchedAt: Float64Array, claimants: readonly Claimant[], count: number): void {
    const firstAt: number[] = [];
    for (let index = count - 1; index >= 0; index -= 1)
      if (weights[index] !== 0) firstAt[this.#placeOf[earner[index]!]! - this.#base] = touchedAt[kept[index]!]!;
    for (let index = 1; index < this.length; index += 1) {
      for (let at = index; at > 0; at -= 1) {
        if (firstAt[at] !== firstAt[at - 1]) break;
        if (compareClaimants(claimants[claimant[at - 1]!]!, claimants[claimant[at]!]!) <= 0) break;
        // Only equals change places, so `firstAt` stays as it is.
        for (const column of [claimant, weight, last]) swap(column, at);
      }
    }
  }

  #makeRoom(claimants: number): void {
    if (claimants <= this.#placeOf.length && this.#base < MOST_PLACES) return;
    this.#placeOf = new Int32Array(claimants * 2);
    this.#base = 1;
  }
}

function weighByPosition(count: number, [first, middle, end]: RuleColumns['parts']): void {
  if (count === 1) return;
  const between = count === 2 ? 1 : count - 2;
  weights[0] = weights[0]! * first * between;
  for (let index = 1; index < count - 1; index += 1) weights[index] = weights[index]! * middle;
  weights[count - 1] = weights[count - 1]! * end * between;
}

function weighByAge({ touchedAt }: JourneyColumns, at: number, halfLifeMicros: number, count: number): void {
  // Oldest first, so the youngest that counts stands last; a factor of 0 leaves nothing of it.
  let youngest = 0;
  for (let index = count - 1; index >= 0; index -= 1) {
    if (weights[index] === 0) continue;
    youngest = at - touchedAt[kept[index]!]!;
    break;
  }
  for (let index = 0; index < count; index += 1) {
    const unit = weights[index]!;
    if (unit === 0) continue;
    weights[index] = unit * decayedWeight(at - touchedAt[kept[index]!]! - youngest, halfLifeMicros);
  }
}

function swap(column: Int32Array | Float64Array, at: number): void {
  const moved = column[at]!;
  column[at] = column[at - 1]!;
  column[at - 1] = moved;
}

function compareClaimants(a: Claimant, b: Claimant): number {
  return compareText(a.beneficiary.id, b.beneficiary.id) || compareText(a.channel, b.channel);
}
