/**
 * The first `most` of many in an order, without sorting all of them.
 * @param compare negative where `a` comes first; no two are equal under it
 */
export function mostOf<Item>(items: Iterable<Item>, most: number, compare: (a: Item, b: Item) => number): Item[] {
  const kept: Item[] = [];
  for (const item of items) {
    if (kept.length === most && compare(item, kept[most - 1]!) >= 0) continue;
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(item, kept[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    if (kept.length === most) kept.pop();
    kept.splice(low, 0, item);
  }
  return kept;
}
