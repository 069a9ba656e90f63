import type { BatchFacts } from '../../db/attribution/credit-facts.ts';
import { creditFactsOf } from '../../db/attribution/explanation.ts';
import { computeLongCredit, tooLong } from '../../db/attribution/long-credit.ts';
import type { LongCredit } from '../../db/attribution/long-credit.ts';
import type { Tx } from '../../db/transaction.ts';

/** How long one step goes on crediting journeys that did not fit into memory; a fifth of what its transaction may last. */
export const LEFT_MS = 5_000;

/** What became of the conversions whose journeys did not fit into the memory of a step. */
export interface LeftCredits {
  credited: Map<string, LongCredit>;
  /** Those for which this step has no time. */
  later: Set<string>;
  /** Those beyond every bound: each becomes work by itself, which is set aside for a person. */
  beyond: Set<string>;
}

/**
 * Credits journeys that were left in the database one after the other, at least one, until the step's time for them is over.
 * @param isAlone the step works on one row: what is beyond every bound must not hold up the others of that row
 * @throws DomainError `too-large` for a journey beyond every bound, when several rows or this conversion alone are worked on
 */
export async function creditLeft(
  tx: Tx,
  facts: BatchFacts,
  { isAlone, leftMs }: { isAlone: boolean; leftMs: number },
): Promise<LeftCredits> {
  const left: LeftCredits = { credited: new Map(), later: new Set(), beyond: new Set() };
  const began = performance.now();
  for (const [id, journey] of facts.left) {
    if (left.credited.size > 0 && performance.now() - began >= leftMs) {
      left.later.add(id);
      continue;
    }
    const credit = await computeLongCredit(tx, creditFactsOf(facts, id), journey);
    if (credit !== null) left.credited.set(id, credit);
    else if (isAlone && facts.conversions.length > 1) left.beyond.add(id);
    else throw tooLong(id);
  }
  return left;
}
