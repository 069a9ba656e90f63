import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ComparedJourney } from '../../domain/attribution/compare.ts';

/** Journeys as a few long arrays, which go to a thread without being copied text by text. */
export interface PackedJourneys {
  channels: string[];
  /** Null stands for own channels. */
  partnerTypes: (string | null)[];
  /** Journey i has the steps `offsets[i] … offsets[i + 1]`. */
  offsets: Uint32Array<ArrayBuffer>;
  /** Of each step, its place in `channels`. */
  steps: Uint32Array<ArrayBuffer>;
  /** Of each step; absent where the journeys have none. */
  ages?: Float64Array<ArrayBuffer>;
  types?: Uint32Array<ArrayBuffer>;
  /** Of each journey: conversions, value, nulls. */
  figures: Float64Array<ArrayBuffer>;
}

/** Journeys that are packed before others get their turn: a few milliseconds. */
const AT_ONCE = 2_000;

/** Packs journeys of one source, with pauses: ages and types are kept where all of them have them. */
export async function packJourneys(journeys: readonly ComparedJourney[]): Promise<PackedJourneys> {
  const offsets = new Uint32Array(journeys.length + 1);
  journeys.forEach(({ path }, index) => (offsets[index + 1] = offsets[index]! + path.length));
  const length = offsets.at(-1)!;
  const channels = new Places<string>();
  const types = new Places<string | null>();
  const packed = {
    offsets,
    steps: new Uint32Array(length),
    figures: new Float64Array(journeys.length * 3),
    ages: journeys.every(({ agesMicros }) => agesMicros) ? new Float64Array(length) : undefined,
    types: journeys.every(({ partnerTypes }) => partnerTypes) ? new Uint32Array(length) : undefined,
  };
  for (const [index, { path, agesMicros, partnerTypes, conversions, value, nulls }] of journeys.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await nextTurn();
    const from = offsets[index]!;
    path.forEach((channel, at) => (packed.steps[from + at] = channels.of(channel)));
    if (packed.ages) packed.ages.set(agesMicros!, from);
    if (packed.types) partnerTypes!.forEach((type, at) => (packed.types![from + at] = types.of(type)));
    packed.figures.set([conversions, value, nulls], index * 3);
  }
  return { ...packed, channels: channels.list, partnerTypes: types.list };
}

/** The journeys as they were packed. */
export function unpackJourneys(packed: PackedJourneys): ComparedJourney[] {
  const { channels, partnerTypes, offsets, steps, ages, types, figures } = packed;
  return Array.from({ length: offsets.length - 1 }, (_, index) => {
    const [from, to] = [offsets[index]!, offsets[index + 1]!];
    return {
      path: Array.from(steps.subarray(from, to), (place) => channels[place]!),
      ...(ages && { agesMicros: Array.from(ages.subarray(from, to)) }),
      ...(types && { partnerTypes: Array.from(types.subarray(from, to), (place) => partnerTypes[place]!) }),
      conversions: figures[index * 3]!,
      value: figures[index * 3 + 1]!,
      nulls: figures[index * 3 + 2]!,
    };
  });
}

/** What is handed over instead of copied. */
export function transferables({ offsets, steps, ages, types, figures }: PackedJourneys): ArrayBuffer[] {
  return [offsets, steps, ages, types, figures].flatMap((array) => (array ? [array.buffer] : []));
}

/** Numbers values in the order they come. */
class Places<Value> {
  readonly list: Value[] = [];
  readonly #places = new Map<Value, number>();

  of(value: Value): number {
    let place = this.#places.get(value);
    if (place === undefined) {
      place = this.list.push(value) - 1;
      this.#places.set(value, place);
    }
    return place;
  }
}
