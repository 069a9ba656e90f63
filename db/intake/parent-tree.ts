import type { Tx } from '../transaction.ts';
import { Refusal } from './result.ts';

interface Child {
  externalId: string;
  parentExternalId: string | null;
}

/** Instalments of instalments: longer chains are refused, so that walking up always ends. */
const MOST_STEPS = 100;

/** Who is whose parent, above the conversions of one batch; refuses a conversion that would be its own ancestor. */
export class ParentTree {
  readonly #parents: Map<string, string>;

  private constructor(parents: Map<string, string>) {
    this.#parents = parents;
  }

  static async load(tx: Tx, items: readonly Child[]): Promise<ParentTree> {
    const roots = items.flatMap(({ parentExternalId }) => parentExternalId ?? []);
    if (roots.length === 0) return new ParentTree(new Map());
    const { rows } = await tx.query<{ external_id: string; parent_external_id: string }>(
      `with recursive ancestor as (
         select external_id, parent_external_id, 1 as step
         from conversion
         where program_id = $1 and external_id = any ($2) and parent_external_id is not null
         union
         select c.external_id, c.parent_external_id, a.step + 1
         from ancestor a
         join conversion c on c.program_id = $1 and c.external_id = a.parent_external_id
         where c.parent_external_id is not null and a.step < $3
       )
       select distinct external_id, parent_external_id from ancestor`,
      [tx.programId, roots, MOST_STEPS],
    );
    return new ParentTree(new Map(rows.map((row) => [row.external_id, row.parent_external_id])));
  }

  /** @throws Refusal `parent-cycle` */
  add({ externalId, parentExternalId }: Child): void {
    if (parentExternalId === null) return;
    let above: string | undefined = parentExternalId;
    for (let step = 0; above !== undefined; step += 1) {
      if (above === externalId || step > MOST_STEPS) {
        throw new Refusal(
          'parent-cycle',
          `parentExternalId: "${externalId}" would be its own ancestor through "${parentExternalId}".`,
        );
      }
      above = this.#parents.get(above);
    }
    if (!this.#parents.has(externalId)) this.#parents.set(externalId, parentExternalId);
  }
}
