import { MOST_PARENTS } from '../../domain/attribution/parent-line.ts';
import { readChildrenBelow, readParentsAbove } from '../queries/parent-edge.ts';
import type { ParentEdge } from '../queries/parent-edge.ts';
import type { Tx } from '../transaction.ts';
import { Refusal } from './result.ts';

type Child = Pick<ParentEdge, 'externalId' | 'parentExternalId'>;

/**
 * Who names whom as parent, above and below the conversions of one batch, those included whose parent may still come. It refuses what would
 * make a circle, or a line of more than 100 parents one above the other. Load it under `lockParents`, so that nobody else adds to it.
 */
export class ParentTree {
  readonly #parents = new Map<string, string>();
  /** Levels below a conversion, where there are any. */
  readonly #heights = new Map<string, number>();
  /** Ids that are stored, or stand in this batch: what comes again under one of them changes nothing. */
  readonly #taken: Set<string>;

  private constructor(edges: readonly Child[], taken: Set<string>) {
    this.#taken = taken;
    for (const { externalId, parentExternalId } of edges)
      if (parentExternalId !== null) this.#link(externalId, parentExternalId);
  }

  static async load(tx: Tx, items: readonly Child[]): Promise<ParentTree> {
    const children = items.filter(namesParent);
    if (children.length === 0) return new ParentTree([], new Set());
    const above = await readParentsAbove(
      tx,
      children.flatMap(({ externalId, parentExternalId }) => [externalId, parentExternalId!]),
    );
    const stored = new Set(above.map(({ externalId }) => externalId));
    const fresh = children.filter(({ externalId }) => !stored.has(externalId));
    const below = await readChildrenBelow(
      tx,
      fresh.map(({ externalId }) => externalId),
    );
    return new ParentTree([...above, ...below], stored);
  }

  /**
   * Adds a conversion that will be stored, unless its id is taken.
   * @throws Refusal `parent-cycle`, `too-many-parents`
   */
  add({ externalId, parentExternalId }: Child): void {
    if (this.#taken.has(externalId)) return;
    if (parentExternalId !== null) {
      this.#assertEnds(externalId, parentExternalId);
      this.#link(externalId, parentExternalId);
    }
    this.#taken.add(externalId);
  }

  #assertEnds(externalId: string, parentExternalId: string): void {
    let levels = this.#heights.get(externalId) ?? 0;
    for (let at: string | undefined = parentExternalId; at !== undefined; at = this.#parents.get(at)) {
      if (at === externalId) {
        throw new Refusal(
          'parent-cycle',
          `parentExternalId: "${externalId}" would be its own ancestor through "${parentExternalId}".`,
        );
      }
      levels += 1;
      if (levels > MOST_PARENTS) {
        throw new Refusal(
          'too-many-parents',
          `parentExternalId: With "${parentExternalId}" above "${externalId}", more than ${MOST_PARENTS} conversions would stand one above the other. ` +
            'Name the first one in all renewals.',
        );
      }
    }
  }

  /** A circle that was stored before circles were refused raises nobody above 100. */
  #link(child: string, parent: string): void {
    this.#parents.set(child, parent);
    let height = (this.#heights.get(child) ?? 0) + 1;
    for (let at: string | undefined = parent; at !== undefined && height <= MOST_PARENTS; at = this.#parents.get(at)) {
      if (height <= (this.#heights.get(at) ?? 0)) return;
      this.#heights.set(at, height);
      height += 1;
    }
  }
}

/** Whether a batch with this item may change who stands above whom. */
export function namesParent({ parentExternalId }: Pick<Child, 'parentExternalId'>): boolean {
  return parentExternalId !== null;
}
