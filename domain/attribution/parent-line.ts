/** Renewals of renewals: so many parents stand one above the other at most. A longer line, or a circle, is no line. */
export const MOST_PARENTS = 100;

/**
 * How many parents are named one above the other, the one that nobody knows yet included.
 * @param first the parent that a conversion names; null: none
 * @param parentOf the parent that a conversion names by the id its sender gave it; null or undefined: none, or it is not known
 * @returns at most 101, which means that the line is too long, or ends nowhere because it is a circle
 */
export function countParents(
  first: string | null,
  parentOf: (externalId: string) => string | null | undefined,
): number {
  let count = 0;
  for (let at: string | null | undefined = first; at != null && count <= MOST_PARENTS; at = parentOf(at)) count += 1;
  return count;
}
