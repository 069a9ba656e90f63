import { DomainError } from '../domain/errors.ts';

/** Returns a sum that the database made if a double holds it exactly; amounts and counts that are stored are safe, and a sum of many may not be. */
export function safeSum(sum: number, text = String(sum)): number {
  if (Number.isSafeInteger(sum)) return sum;
  throw new DomainError(
    'invalid',
    `A sum of this answer (${text}) is beyond 2^53, where no number is exact. Ask for a shorter range or for one partner.`,
  );
}
