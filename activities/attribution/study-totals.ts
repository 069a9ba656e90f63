import { readProgramFrame } from '../../db/queries/program-settings.ts';
import type { StudyTotals } from '../../db/queries/study.ts';
import { sumByCurrency } from '../../db/queries/study-sum.ts';
import type { Tx } from '../../db/transaction.ts';
import { MoneySums } from '../../domain/money/money-sums.ts';

/** A study's totals in the program's currency: each line at the rate of its sale's day, rounded once; what has no rate is told apart. */
export async function totalsOf(tx: Tx, studyId: string): Promise<StudyTotals> {
  const { currency } = await readProgramFrame(tx);
  const sums = await sumByCurrency(tx, studyId);
  const total = (figure: 'programValue' | 'programCommission', side: 'before' | 'after') => ({
    minor: sums.reduce((sum, row) => sum + row[figure][side], 0),
    currency,
  });
  const unconverted = new MoneySums();
  const unconvertedCommission = new MoneySums();
  for (const { valueCurrency, valueWithoutRate, commissionCurrency, commissionWithoutRate } of sums) {
    if (valueWithoutRate) unconverted.add(valueCurrency, valueWithoutRate);
    if (commissionWithoutRate) unconvertedCommission.add(commissionCurrency, commissionWithoutRate);
  }
  return {
    value: { before: total('programValue', 'before'), after: total('programValue', 'after') },
    commission: { before: total('programCommission', 'before'), after: total('programCommission', 'after') },
    unconverted: unconverted.toMoney(),
    unconvertedCommission: unconvertedCommission.toMoney(),
  };
}
