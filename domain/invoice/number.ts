import { invalid } from '../errors.ts';

const MOST = 9_999_999;

/**
 * The number of a self-billed document: year and a gapless count per program and year, `2026-000042`.
 * @throws DomainError `invalid` outside 1–9,999,999
 */
export function invoiceNumber(year: number, count: number): string {
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    throw invalid('count', `No document has the count ${count}.`);
  return `${year}-${String(count).padStart(6, '0')}`;
}
