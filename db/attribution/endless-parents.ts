import type { ConversionFact } from '../queries/conversion-facts.ts';
import { readParentsAbove } from '../queries/parent-edge.ts';
import type { ParentEdge } from '../queries/parent-edge.ts';
import type { Tx } from '../transaction.ts';
import { countParents, MOST_PARENTS } from '../../domain/attribution/parent-line.ts';

/**
 * Which conversions inherit nothing, because the line of their parents does not end: a circle, or more than 100 one above the other. Intake
 * refuses both; for what was stored before it did, feed, studies, explanations and the audit ask here, so that each of them ends, and all say the same.
 */
export class EndlessParents {
  readonly #above: ReadonlyMap<string, ParentEdge>;

  private constructor(above: readonly ParentEdge[]) {
    this.#above = new Map(above.map((edge) => [edge.externalId, edge]));
  }

  static async load(tx: Tx, conversions: readonly ConversionFact[], horizon: string): Promise<EndlessParents> {
    const named = new Set(conversions.flatMap(({ parentExternalId }) => parentExternalId ?? []));
    return new EndlessParents(await readParentsAbove(tx, [...named], horizon));
  }

  /** @param isKnown whether what was received at this instant counts for the conversion: of a locked one, what came before its lock */
  has({ parentExternalId }: ConversionFact, isKnown: (receivedAt: string) => boolean): boolean {
    const parentOf = (externalId: string) => {
      const edge = this.#above.get(externalId);
      return edge && isKnown(edge.receivedAt) ? edge.parentExternalId : null;
    };
    return countParents(parentExternalId, parentOf) > MOST_PARENTS;
  }
}
