import { readProgramFrame } from '../../db/queries/program-settings.ts';
import type { StudyTotals } from '../../db/queries/study.ts';
import { sumByCurrency } from '../../db/queries/study-sum.ts';
import { safeSum } from '../../db/safe-sum.ts';
import type { Tx } from '../../db/transaction.ts';
import { MoneySums } from '../../domain/money/money-sums.ts';

/** A study's totals in the program's currency: each line at the rate of its sale's day, rounded once; what has no rate is told apart. */
export async function totalsOf(tx: Tx, studyId: string): Promise<StudyTotals> {
  const { currency } = await readProgramFrame(tx);
  const sums = await sumByCurrency(tx, studyId);
  const total = (figure: 'programValue' | 'programCommission', side: 'before' | 'after') => ({
    minor: sums.reduce((sum, row) => safeSum(sum + row[figure][side]), 0),
    currency,
  });
  const withoutRate = (figure: 'value' | 'commission', side: 'before' | 'after') => {
    const left = new MoneySums();
    for (const row of sums) {
      const minor = row[`${figure}WithoutRate`]?.[side];
      if (minor) left.add(row[`${figure}Currency`], minor);
    }
    return left.toMoney();
  };
  return {
    value: { before: total('programValue', 'before'), after: total('programValue', 'after') },
    commission: { before: total('programCommission', 'before'), after: total('programCommission', 'after') },
    unconverted: withoutRate('value', 'after'),
    unconvertedCommission: withoutRate('commission', 'after'),
    unconvertedBefore: withoutRate('value', 'before'),
    unconvertedCommissionBefore: withoutRate('commission', 'before'),
  };
}
