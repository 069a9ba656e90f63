import type { ClaimsColumns } from './claims-columns.ts';
import { NOBODY } from './rule-columns.ts';
import type { RuleColumns } from './rule-columns.ts';

/**
 * Caps the one partner above `num / den` of the sum, in place; what is cut off becomes a claim of the programme.
 * @returns false where two partners are above, or numbers leave the safe range: nothing is changed then
 */
export function capExactly(
  claims: ClaimsColumns,
  { partnerOf }: RuleColumns,
  { num, den }: { num: number; den: number },
  mostSum: number,
): boolean {
  const { claimant, weight, last, length, sum } = claims;
  let above = -1;
  let aboveSum = 0;
  for (let index = 0; index < length; index += 1) {
    const partner = partnerOf[claimant[index]!]!;
    if (partner < 0 || partner === above) continue;
    const ownSum = sumOf(claims, partner, partnerOf);
    if (!(ownSum * den <= Number.MAX_SAFE_INTEGER && sum * num <= Number.MAX_SAFE_INTEGER)) return false;
    if (ownSum * den <= sum * num) continue;
    if (above >= 0) return false;
    above = partner;
    aboveSum = ownSum;
  }
  if (above < 0) return true;
  if (!(sum * den * aboveSum <= mostSum)) return false;
  for (let index = 0; index < length; index += 1) {
    const isAbove = partnerOf[claimant[index]!] === above;
    weight[index] = weight[index]! * (isAbove ? sum * num : aboveSum * den);
  }
  claimant[length] = NOBODY;
  weight[length] = aboveSum * (aboveSum * den - sum * num);
  last[length] = -1;
  claims.sum = sum * den * aboveSum;
  claims.length = length + 1;
  return true;
}

function sumOf({ claimant, weight, length }: ClaimsColumns, partner: number, partnerOf: readonly number[]): number {
  let sum = 0;
  for (let index = 0; index < length; index += 1) if (partnerOf[claimant[index]!] === partner) sum += weight[index]!;
  return sum;
}
