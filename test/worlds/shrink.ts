import type { Ending, Life } from './life.ts';

/**
 * The smallest world that it finds which fails alike: steps are left out, in halves first and at last one by one.
 * @param again lives a world again
 */
export async function shrink(
  life: Life,
  { taken, failure }: Ending,
  again: (life: Life) => Promise<Ending>,
): Promise<readonly number[]> {
  let kept = taken.map(({ no }) => no).filter((no) => no <= failure!.at);
  const fails = async (only: readonly number[]) => (await again({ ...life, only })).failure?.kind === failure!.kind;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < kept.length;) {
      const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (await fails(fewer)) kept = fewer;
      else from += size;
    }
  }
  return kept;
}
