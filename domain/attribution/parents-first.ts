/** A conversion and the parent that it names; by the ids that their sender gave them. */
interface Kin {
  id: string;
  externalId: string;
  parentExternalId: string | null;
}

/** Conversions in an order in which each comes after its parent, where the parent is among them; otherwise in the order given. */
export function parentsFirst<Conversion extends Kin>(conversions: readonly Conversion[]): Conversion[] {
  const byExternalId = new Map(conversions.map((conversion) => [conversion.externalId, conversion]));
  const ordered = new Set<Conversion>();
  for (const conversion of conversions) {
    const line: Conversion[] = [];
    const seen = new Set<Conversion>();
    let next: Conversion | undefined = conversion;
    // A cycle of parents has no first one: it is left where it closes.
    while (next && !ordered.has(next) && !seen.has(next)) {
      seen.add(next);
      line.push(next);
      next = next.parentExternalId === null ? undefined : byExternalId.get(next.parentExternalId);
    }
    for (const ancestor of line.reverse()) ordered.add(ancestor);
  }
  return [...ordered];
}

/** Adds to `ids` every conversion whose parent is one of them, and theirs. */
export function addDescendants(ids: Set<string>, conversions: readonly Kin[]): void {
  if (ids.size === 0) return;
  const externalIds = new Set(conversions.filter(({ id }) => ids.has(id)).map(({ externalId }) => externalId));
  for (const { id, externalId, parentExternalId } of parentsFirst(conversions)) {
    if (parentExternalId === null || !externalIds.has(parentExternalId)) continue;
    ids.add(id);
    externalIds.add(externalId);
  }
}
