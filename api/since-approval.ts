import { SHARES } from '../domain/attribution/shares.ts';
import type { Evaluation } from '../db/queries/evaluation.ts';
import { getStudy } from '../db/queries/study.ts';
import { sumByBeneficiary } from '../db/queries/study-sum.ts';
import type { BeneficiarySum, Change } from '../db/queries/study-sum.ts';
import type { Tx } from '../db/transaction.ts';

/**
 * How the study at an evaluation's cut, which is what is carried out, differs from the one that was approved: facts, locks and commissions of the
 * time between, and another range. Lines are summed only when it has ended, because progress is asked for often.
 * @returns null until the study at the cut is done, and where no study was approved
 */
export async function readSinceApproval(tx: Tx, { approvedStudyId, studyId, state }: Evaluation) {
  if (approvedStudyId === null) return null;
  const approved = await getStudy(tx, approvedStudyId);
  const carriedOut = await getStudy(tx, studyId);
  if (approved.totals === null || carriedOut.totals === null) return null;
  const [before, after] = [approved.totals, carriedOut.totals];
  const hasEnded = state === 'done' || state === 'cancelled' || state === 'failed';
  const total = (figure: 'value' | 'commission') =>
    compareMoney(moved(before[figure]), moved(after[figure]), before[figure].before.currency);
  return {
    approvedStudyId,
    from: approved.fromAt,
    to: approved.toAt,
    cutAt: approved.cutAt,
    conversions: compare(approved.conversions ?? 0, carriedOut.conversions ?? 0),
    value: total('value'),
    commission: total('commission'),
    lines: hasEnded
      ? compareLines(await sumByBeneficiary(tx, approvedStudyId), await sumByBeneficiary(tx, studyId))
      : null,
  };
}

interface Compared {
  approved: number;
  carriedOut: number;
  difference: number;
}

const compare = (approved: number, carriedOut: number): Compared => ({
  approved,
  carriedOut,
  difference: carriedOut - approved,
});

function compareMoney(approved: number, carriedOut: number, currency: string) {
  const money = (minor: number) => ({ minor, currency });
  const { difference } = compare(approved, carriedOut);
  return { approved: money(approved), carriedOut: money(carriedOut), difference: money(difference) };
}

/** What totals change, in smallest units. */
const moved = ({ before, after }: { before: { minor: number }; after: { minor: number } }) =>
  after.minor - before.minor;

const change = (of: Change | undefined) => (of ? of.after - of.before : 0);

/** Beneficiaries for whom the two studies change something else, whose commission differs most first. */
function compareLines(approved: readonly BeneficiarySum[], carriedOut: readonly BeneficiarySum[]) {
  const keyOf = ({ kind, id, valueCurrency, commissionCurrency }: BeneficiarySum) =>
    [kind, id, valueCurrency, commissionCurrency].join(' ');
  const pairs = new Map<string, { sum: BeneficiarySum; approved?: BeneficiarySum; carriedOut?: BeneficiarySum }>();
  for (const sum of approved) pairs.set(keyOf(sum), { sum, approved: sum });
  for (const sum of carriedOut) pairs.set(keyOf(sum), { ...pairs.get(keyOf(sum)), sum, carriedOut: sum });
  return [...pairs.values()]
    .map(({ sum, ...of }) => {
      const figure = (name: 'shares' | 'value' | 'commission') =>
        compare(change(of.approved?.[name]), change(of.carriedOut?.[name]));
      return { sum, shares: figure('shares'), value: figure('value'), commission: figure('commission') };
    })
    .filter(({ shares, value, commission }) => shares.difference || value.difference || commission.difference)
    .sort((a, b) => size(b.commission) - size(a.commission) || size(b.shares) - size(a.shares))
    .map(({ sum, shares, value, commission }) => ({
      beneficiary: { kind: sum.kind, id: sum.id, name: sum.name ?? sum.id, type: sum.type, market: sum.market },
      credit: {
        approved: shares.approved / SHARES,
        carriedOut: shares.carriedOut / SHARES,
        difference: shares.difference / SHARES,
      },
      value: compareMoney(value.approved, value.carriedOut, sum.valueCurrency),
      commission: compareMoney(commission.approved, commission.carriedOut, sum.commissionCurrency),
    }));
}

const size = ({ difference }: Compared) => Math.abs(difference);
