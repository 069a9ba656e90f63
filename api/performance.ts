import type { Money } from '../domain/money/money.ts';
import { MoneySums } from '../domain/money/money-sums.ts';
import { minorRate } from '../domain/money/rate.ts';
import { roundHalfAwayFromZero, times } from '../domain/money/rounding.ts';
import { readFxRates } from '../db/queries/fx-rate.ts';
import { countClicks, sumCommissionDays, sumCreditedDays } from '../db/queries/performance.ts';
import type { PerformanceScope } from '../db/queries/performance.ts';
import type { Tx } from '../db/transaction.ts';

/** One line of the report; money in the report's currency. A figure that would divide by nothing is null. */
export interface PerformanceLine {
  key: string | null;
  clicks: number;
  conversions: number;
  value: Money;
  newCustomers: number;
  commission: Money;
  costPerSale: Money | null;
  conversionRate: number | null;
  earningsPerClick: Money | null;
  /** Value of days without a rate into the report's currency; it is not in `value`. */
  unconverted: Money[];
  /** The same of `commission`. */
  unconvertedCommission: Money[];
}

interface Sums {
  clicks: number;
  conversions: number;
  newCustomers: number;
  valueMinor: number;
  commissionMinor: number;
  unconverted: MoneySums;
  unconvertedCommission: MoneySums;
}

/** Clicks, credited conversions and commission of a range, by one fact. Each day is converted at its own rate and rounded once. */
export async function readPerformance(tx: Tx, scope: PerformanceScope, currency: string): Promise<PerformanceLine[]> {
  const credited = await sumCreditedDays(tx, scope);
  const commissions = await sumCommissionDays(tx, scope);
  const clicks = await countClicks(tx, scope);
  const wanted = [...credited, ...commissions].filter((row) => row.currency !== currency);
  const rates = await readFxRates(
    tx,
    wanted.map(({ currency: base, day }) => ({ base, quote: currency, day })),
    'infinity',
  );
  const lines = new Map<string | null, Sums>();
  const lineOf = (key: string | null): Sums => {
    const line = lines.get(key) ?? emptySums();
    lines.set(key, line);
    return line;
  };
  const convert = (
    unconverted: MoneySums,
    { minor, currency: base, day }: { minor: number; currency: string; day: string },
  ): number => {
    const rate = base === currency ? null : rates.get(`${base} ${currency} ${day}`);
    if (rate !== undefined) return roundHalfAwayFromZero(times(minorRate(base, currency, rate), BigInt(minor)));
    unconverted.add(base, minor);
    return 0;
  };
  for (const row of credited) {
    const line = lineOf(row.key);
    line.conversions += row.conversions;
    line.newCustomers += row.newCustomers;
    line.valueMinor += convert(line.unconverted, row);
  }
  for (const row of commissions) {
    const line = lineOf(row.key);
    line.commissionMinor += convert(line.unconvertedCommission, row);
  }
  for (const row of clicks) lineOf(row.key).clicks += row.clicks;
  return [...lines]
    .map(([key, sums]) => toLine(key, sums, currency))
    .sort((a, b) => b.value.minor - a.value.minor || b.clicks - a.clicks);
}

function emptySums(): Sums {
  return {
    ...{ clicks: 0, conversions: 0, newCustomers: 0, valueMinor: 0, commissionMinor: 0 },
    ...{ unconverted: new MoneySums(), unconvertedCommission: new MoneySums() },
  };
}

function toLine(key: string | null, sums: Sums, currency: string): PerformanceLine {
  const money = (minor: number): Money => ({ minor, currency });
  const { clicks, conversions, newCustomers, valueMinor, commissionMinor } = sums;
  const unconvertedCommission = sums.unconvertedCommission.toMoney();
  // What is not in the commission would make these look small.
  const isWhole = unconvertedCommission.every(({ minor }) => minor === 0);
  return {
    key,
    clicks,
    conversions: decimal(conversions),
    value: money(valueMinor),
    newCustomers: decimal(newCustomers),
    commission: money(commissionMinor),
    // Figures for people to compare, not money that is paid: rounded to whole minor units.
    costPerSale: isWhole && conversions > 0 ? money(Math.round(commissionMinor / conversions)) : null,
    conversionRate: clicks > 0 ? decimal(conversions / clicks) : null,
    earningsPerClick: isWhole && clicks > 0 ? money(Math.round(commissionMinor / clicks)) : null,
    unconverted: sums.unconverted.toMoney(),
    unconvertedCommission,
  };
}

/** Shares are exact to 10⁻¹²; what binary sums add behind that is noise. */
function decimal(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
