import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { readFxRates } from '../../db/queries/fx-rate.ts';
import { readProgramFrame } from '../../db/queries/program-settings.ts';
import { endStudy, finishStudyRow, getStudy } from '../../db/queries/study.ts';
import type { Study, StudyTotals } from '../../db/queries/study.ts';
import { countStudiedConversions, sumStudyByDay } from '../../db/queries/study-line.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { minorRate } from '../../domain/money/rate.ts';
import { roundHalfAwayFromZero, times } from '../../domain/money/rounding.ts';
import type { Money } from '../../domain/money/money.ts';
import type { DrainOptions } from './drain.ts';
import { beginStudy, creditStudyShard } from './study-credit.ts';
import { priceStudyShard } from './study-price.ts';

/**
 * Runs a whole study in this process: credits, prices, sums. It writes nothing but itself, and goes on where an earlier attempt died.
 * @returns the study, done
 */
export async function runStudy(pool: Pool, programId: string, studyId: string, options: DrainOptions): Promise<Study> {
  const whole = { shard: 0, of: 1 };
  const study = await beginStudy(pool, programId, studyId);
  if (study.state !== 'running') return study;
  await creditStudyShard(pool, programId, studyId, whole, options);
  await priceStudyShard(pool, programId, studyId, whole, options);
  return finishStudy(pool, programId, studyId, options.now);
}

/** Sums the lines, in the program's currency, and closes the study. Twice changes nothing. */
export async function finishStudy(pool: Pool, programId: string, studyId: string, at: string): Promise<Study> {
  return inTransaction(pool, programId, async (tx) => {
    const conversions = await countStudiedConversions(tx, studyId);
    const isFinished = await finishStudyRow(tx, studyId, { conversions, totals: await totalsOf(tx, studyId) });
    const study = await getStudy(tx, studyId);
    if (isFinished) {
      await recordEvent(tx, {
        kind: 'study.finished',
        actor: SYSTEM,
        at,
        subject: { type: 'study', id: studyId },
        data: { conversions, policyId: study.policyId },
      });
    }
    return study;
  });
}

/** A study that cannot go on, with the reason; what it wrote so far stays. */
export async function failStudy(pool: Pool, programId: string, studyId: string, failure: string): Promise<void> {
  await inTransaction(pool, programId, (tx) => endStudy(tx, studyId, 'failed', failure));
}

async function totalsOf(tx: Tx, studyId: string): Promise<StudyTotals> {
  const { currency } = await readProgramFrame(tx);
  const days = await sumStudyByDay(tx, studyId);
  const currencies = days.flatMap(({ day, valueCurrency, commissionCurrency }) =>
    [valueCurrency, commissionCurrency].map((base) => ({ base, quote: currency, day })),
  );
  const rates = await readFxRates(
    tx,
    currencies.filter(({ base }) => base !== currency),
    'infinity',
  );
  const sums = { valueBefore: 0, valueAfter: 0, commissionBefore: 0, commissionAfter: 0 };
  const unconverted = new Map<string, number>();
  for (const row of days) {
    for (const field of ['valueBefore', 'valueAfter', 'commissionBefore', 'commissionAfter'] as const) {
      const base = field.startsWith('value') ? row.valueCurrency : row.commissionCurrency;
      const rate = base === currency ? null : rates.get(`${base} ${currency} ${row.day}`);
      if (rate === undefined) {
        if (field.endsWith('After')) unconverted.set(base, (unconverted.get(base) ?? 0) + row[field]);
      } else sums[field] += roundHalfAwayFromZero(times(minorRate(base, currency, rate), BigInt(row[field])));
    }
  }
  const money = (minor: number): Money => ({ minor, currency });
  return {
    value: { before: money(sums.valueBefore), after: money(sums.valueAfter) },
    commission: { before: money(sums.commissionBefore), after: money(sums.commissionAfter) },
    unconverted: [...unconverted]
      .filter(([, minor]) => minor !== 0)
      .map(([code, minor]) => ({ minor, currency: code })),
  };
}
