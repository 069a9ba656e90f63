import { durationMs } from '../../time/duration.ts';
import { matchesFilter } from '../filter.ts';
import { lookbackOf } from '../journey.ts';
import { exactFactor } from '../multipliers.ts';
import { nano, NANO } from '../nano.ts';
import type { Exclusion, Policy } from '../policy.ts';
import { beneficiaryOf, creditKey, UNATTRIBUTED, UNATTRIBUTED_CHANNEL } from '../touchpoint.ts';
import type { Beneficiary, Touchpoint } from '../touchpoint.ts';
import { divideOut, greatestDivisor } from './greatest-divisor.ts';
import type { Trait } from './trait.ts';

/** Who may be credited, on which channel. */
export interface Claimant {
  beneficiary: Beneficiary;
  channel: string;
}

/** The index of the programme's own part among the claimants. */
export const NOBODY = 0;
/** No age is within it. */
const NEVER = -1;

/**
 * One policy, answered for every trait by the plain rules, in tables that grow with the traits. Weights are divided by what all of
 * them have in common, which changes no share: 1 and 1.5 become 2 and 3, and stay small enough for exact arithmetic in doubles.
 */
export class RuleColumns {
  readonly policy: Policy;
  readonly claimants: Claimant[] = [{ beneficiary: UNATTRIBUTED, channel: UNATTRIBUTED_CHANNEL }];
  /** By claimant: a number for each partner, −1 where it is none. */
  readonly partnerOf: number[] = [-1];
  /** By trait: the longest age that counts, in microseconds. */
  lookback = new Float64Array(0);
  isAlwaysExcluded = new Uint8Array(0);
  /** By trait: the lookback, or NEVER where it is always excluded. */
  reach = new Float64Array(0);
  isExcludedUnlessOnly = new Uint8Array(0);
  claimant = new Int32Array(0);
  /** By trait: factor × channel weight, reduced; Infinity where it is no safe integer. */
  unit = new Float64Array(0);
  /** `position`: parts of first, middle and last on one small scale. */
  readonly parts: readonly [number, number, number];
  /** `time-decay`; Infinity under the others, which is no small integer either: the shape of a rule stays the same for the engine. */
  readonly halfLifeMicros: number;
  readonly kind: Policy['model']['kind'];
  /** `perPartnerShare` as a fraction, or null. */
  readonly cap: { num: number; den: number } | null;

  /** By trait: factor × channel weight, exact, on the scale of the plain rules. */
  readonly exact: bigint[] = [];

  #divisor = 0n;
  /** Whether other touchpoints decide whether one counts: by a transform, or an exclusion unless it is the only one. */
  dropsByOthers: boolean;
  /** Which touchpoint earns all, where nothing but the model decides it; null: several may earn. */
  takesAll: 'first' | 'last' | null;
  readonly #claimantOf = new Map<string, number>();
  readonly #partners = new Map<string, number>();

  constructor(policy: Policy) {
    this.policy = policy;
    this.kind = policy.model.kind;
    this.#claimantOf.set(creditKey(UNATTRIBUTED, UNATTRIBUTED_CHANNEL), NOBODY);
    this.parts = policy.model.kind === 'position' ? partsOf(policy.model.first, policy.model.last) : [0, 0, 0];
    this.halfLifeMicros = policy.model.kind === 'time-decay' ? durationMs(policy.model.halfLife) * 1_000 : Infinity;
    this.dropsByOthers = policy.transforms.length > 0;
    this.takesAll = takesAllOf(policy);
    this.cap = policy.perPartnerShare === undefined ? null : fractionOf(nano(policy.perPartnerShare));
  }

  /** The claimant of a credit, as the plain rules name it. */
  claimantIndex(beneficiary: Beneficiary, channel: string): number {
    const key = creditKey(beneficiary, channel);
    const known = this.#claimantOf.get(key);
    if (known !== undefined) return known;
    const index = this.claimants.push({ beneficiary, channel }) - 1;
    this.#claimantOf.set(key, index);
    this.partnerOf.push(beneficiary.kind === 'partner' ? this.#partnerIndex(beneficiary.id) : -1);
    return index;
  }

  /** Answers for the traits that came since; call it before each chunk. */
  grow(traits: readonly Trait[]): void {
    const known = this.exact.length;
    if (traits.length === known) return;
    this.#makeRoom(traits.length);
    let divisor = this.#divisor;
    for (let index = known; index < traits.length; index += 1) {
      this.#answer(index, traits[index]!);
      divisor = greatestDivisor(divisor, this.exact[index]!);
    }
    const from = divisor === this.#divisor ? known : 0;
    this.#divisor = divisor;
    for (let index = from; index < traits.length; index += 1) this.unit[index] = divideOut(this.exact[index]!, divisor);
  }

  #answer(index: number, trait: Trait): void {
    const { policy } = this;
    const touchpoint = asTouchpoint(trait);
    const isOut = trait.isVoided || trait.lookback === null;
    this.lookback[index] = isOut ? NEVER : durationMs(lookbackOf(trait, policy, trait.lookback!)) * 1_000;
    this.isAlwaysExcluded[index] = isExcluded(touchpoint, policy.exclusions, 'always');
    this.isExcludedUnlessOnly[index] = isExcluded(touchpoint, policy.exclusions, 'unless-only');
    this.reach[index] = this.isAlwaysExcluded[index] === 1 ? NEVER : this.lookback[index];
    if (this.isExcludedUnlessOnly[index] === 1) [this.dropsByOthers, this.takesAll] = [true, null];
    this.claimant[index] = this.claimantIndex(beneficiaryOf(trait), trait.channel);
    const factor = exactFactor(touchpoint, policy.multipliers);
    this.exact.push(policy.model.kind === 'weights' ? factor * channelWeight(policy.model.weights, trait) : factor);
  }

  #partnerIndex(id: string): number {
    const known = this.#partners.get(id);
    if (known !== undefined) return known;
    this.#partners.set(id, this.#partners.size);
    return this.#partners.size - 1;
  }

  #makeRoom(size: number): void {
    if (size <= this.lookback.length) return;
    const room = Math.max(64, size * 2);
    this.lookback = grown(this.lookback, new Float64Array(room));
    this.reach = grown(this.reach, new Float64Array(room));
    this.unit = grown(this.unit, new Float64Array(room));
    this.isAlwaysExcluded = grown(this.isAlwaysExcluded, new Uint8Array(room));
    this.isExcludedUnlessOnly = grown(this.isExcludedUnlessOnly, new Uint8Array(room));
    this.claimant = grown(this.claimant, new Int32Array(room));
  }
}

function takesAllOf({ model, transforms, multipliers, perPartnerShare }: Policy): 'first' | 'last' | null {
  if (transforms.length > 0 || multipliers.length > 0 || perPartnerShare !== undefined) return null;
  return model.kind === 'first' || model.kind === 'last' ? model.kind : null;
}

/** The rules read no instant of a touchpoint but its age, which the arrays hold. */
function asTouchpoint(trait: Trait): Touchpoint {
  return { ...trait, id: '', occurredAt: '', receivedAt: '' };
}

function isExcluded(touchpoint: Touchpoint, exclusions: readonly Exclusion[], mode: Exclusion['mode']): number {
  return exclusions.some((exclusion) => exclusion.mode === mode && matchesFilter(exclusion, touchpoint)) ? 1 : 0;
}

function channelWeight(weights: Record<string, number>, { channel }: Trait): bigint {
  return Object.hasOwn(weights, channel) ? nano(weights[channel] ?? 0) : 0n;
}

function partsOf(first: number, last: number): [number, number, number] {
  const parts = [nano(first), BigInt(NANO) - nano(first) - nano(last), nano(last)];
  // Two roundings up may overshoot the whole by a billionth: no number, so that the plain rules are asked.
  if (parts[1]! < 0n) return [NaN, NaN, NaN];
  const divisor = parts.reduce(greatestDivisor, 0n);
  return parts.map((part) => divideOut(part, divisor)) as [number, number, number];
}

function fractionOf(nanos: bigint): { num: number; den: number } {
  const divisor = greatestDivisor(nanos, BigInt(NANO));
  return { num: divideOut(nanos, divisor), den: divideOut(BigInt(NANO), divisor) };
}

function grown<Column extends Float64Array | Uint8Array | Int32Array>(before: Column, after: Column): Column {
  after.set(before);
  return after;
}
