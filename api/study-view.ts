import { SHARES } from '../domain/attribution/shares.ts';
import type { Study } from '../db/queries/study.ts';
import type { BeneficiarySum, Change, GroupSum, StudySum } from '../db/queries/study-sum.ts';
import { toCsv } from './csv.ts';
import type { Cell } from './csv.ts';

/** A study as clients read it (api.md §2). */
export function showStudy({ fromAt, toAt, done, total, policy: _, startedAt: _s, pricingAt: _p, ...rest }: Study) {
  return { ...rest, from: fromAt, to: toAt, progress: { done: Math.min(done, total ?? done), total } };
}

/** Credit in conversions; money in the line's own currencies and, where every rate was known, in the program's. */
function showChange(sum: StudySum, programCurrency: string) {
  const { shares, value, commission, valueCurrency, commissionCurrency } = sum;
  const worth = (minor: number) => ({ minor, currency: valueCurrency });
  const earned = (minor: number) => ({ minor, currency: commissionCurrency });
  const part = (by: (change: Change) => number) => ({
    credit: by(shares) / SHARES,
    value: worth(by(value)),
    commission: earned(by(commission)),
  });
  const isConverted = sum.valueWithoutRate === null && sum.commissionWithoutRate === null;
  return {
    conversions: sum.conversions,
    creditBefore: shares.before / SHARES,
    creditAfter: shares.after / SHARES,
    valueBefore: worth(value.before),
    valueAfter: worth(value.after),
    commissionBefore: earned(commission.before),
    commissionAfter: earned(commission.after),
    difference: earned(commission.after - commission.before),
    fromLateEvidence: earned(commission.evidence - commission.before),
    fromRule: earned(commission.after - commission.evidence),
    parts: {
      lateEvidence: part(({ before, evidence }) => evidence - before),
      rule: part(({ evidence, after }) => after - evidence),
    },
    inProgramCurrency: isConverted
      ? {
          value: inProgram(sum.programValue, programCurrency),
          commission: inProgram(sum.programCommission, programCurrency),
        }
      : null,
  };
}

function inProgram({ before, after }: Change, currency: string) {
  const money = (minor: number) => ({ minor, currency });
  return { before: money(before), after: money(after), difference: money(after - before) };
}

/** One beneficiary of a study, before and after. */
export function showLine({ kind, id, name, type, market, ...sum }: BeneficiarySum, programCurrency: string) {
  return { beneficiary: { kind, id, name: name ?? id, type, market }, ...showChange(sum, programCurrency) };
}

/** One group of a breakdown. */
export function showGroup({ key, ...sum }: GroupSum, programCurrency: string) {
  return { key, ...showChange(sum, programCurrency) };
}

type ShownChange = ReturnType<typeof showChange>;

const CHANGE_HEADER = [
  'conversions',
  'creditBefore',
  'creditAfter',
  'valueCurrency',
  'valueBefore',
  'valueAfter',
  'commissionCurrency',
  'commissionBefore',
  'commissionAfter',
  'difference',
  'fromLateEvidence',
  'fromRule',
  'programCurrency',
  'differenceInProgramCurrency',
];

function changeCells(change: ShownChange): Cell[] {
  const inProgramCurrency = change.inProgramCurrency?.commission.difference ?? null;
  return [
    change.conversions,
    change.creditBefore,
    change.creditAfter,
    change.valueBefore.currency,
    change.valueBefore,
    change.valueAfter,
    change.commissionBefore.currency,
    change.commissionBefore,
    change.commissionAfter,
    change.difference,
    change.fromLateEvidence,
    change.fromRule,
    inProgramCurrency?.currency ?? null,
    inProgramCurrency,
  ];
}

/** The lines of a study as CSV, amounts in whole units. */
export function linesCsv(lines: readonly ReturnType<typeof showLine>[]): string {
  const rows = lines.map(({ beneficiary: { kind, id, name, type, market }, ...change }): Cell[] => [
    kind,
    id,
    name,
    type,
    market,
    ...changeCells(change),
  ]);
  return toCsv(['kind', 'id', 'name', 'type', 'market', ...CHANGE_HEADER], rows);
}

/** A breakdown as CSV. */
export function groupsCsv(groupBy: string, groups: readonly ReturnType<typeof showGroup>[]): string {
  return toCsv(
    [groupBy, ...CHANGE_HEADER],
    groups.map(({ key, ...change }): Cell[] => [key, ...changeCells(change)]),
  );
}
