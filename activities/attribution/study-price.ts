import type { Pool } from '../../db/pool.ts';
import { readPartnerCreditsAt } from '../../db/queries/commission.ts';
import type { Pair } from '../../db/queries/commission.ts';
import { readConversions, readRefunds } from '../../db/queries/conversion-facts.ts';
import { getStudy } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { pairsToPrice, priceStudyLines, readPostedAt, readStudiedCredits } from '../../db/queries/study-line.ts';
import type { PricedPair } from '../../db/queries/study-line.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { DomainError } from '../../domain/errors.ts';
import { commissionTargets, pairKey } from '../../db/attribution/commission-targets.ts';
import type { CommissionTarget } from '../../db/attribution/commission-target.ts';
import type { CreditView } from '../../db/attribution/commission-targets.ts';
import { groupBy } from '../../db/attribution/credit-facts.ts';
import type { DrainOptions } from './drain.ts';
import { decideRefunds } from '../../db/attribution/refund-limits.ts';
import type { Shard } from './study-credit.ts';

const PAIRS_PER_STEP = 500;

/** Prices the lines of one shard of the partners: what was posted up to the boundary, and what each contract gives for the credit after. */
export async function priceStudyShard(
  pool: Pool,
  programId: string,
  studyId: string,
  shard: Shard,
  options: Omit<DrainOptions, 'now'> = {},
): Promise<number> {
  for (let priced = 0; ;) {
    options.signal?.throwIfAborted();
    options.heartbeat?.(priced);
    const count = await inTransaction(pool, programId, async (tx) => {
      const study = await getStudy(tx, studyId);
      if (study.state !== 'running') throw new DomainError('conflict', `Study ${studyId} is ${study.state}.`);
      const pairs = await pairsToPrice(tx, studyId, { ...shard, limit: PAIRS_PER_STEP });
      if (pairs.length > 0) await priceStudyLines(tx, studyId, await pricePairs(tx, study, pairs));
      return pairs.length;
    });
    if (count === 0) return priced;
    priced += count;
  }
}

async function pricePairs(tx: Tx, study: Study, pairs: readonly Pair[]): Promise<PricedPair[]> {
  const view = studiedView(tx, study);
  const targets = await commissionTargets(tx, pairs, study.cutAt!, view);
  const posted = new Map((await readPostedAt(tx, targets, study.epoch!)).map((row) => [pairKey(row), row]));
  const asked = new Set(pairs.map(pairKey));
  return targets.flatMap((target): PricedPair[] => {
    const before = posted.get(pairKey(target));
    const isAsked = asked.has(pairKey(target));
    const beforeMinor = before?.totalMinor ?? 0;
    // A pair outside the range has no line of its own unless the window as a whole moves its commission.
    if (!isAsked && (view.isCovered(target.conversionId) || beforeMinor === target.minor)) return [];
    return [
      {
        partnerId: target.partnerId,
        conversionId: target.conversionId,
        beforeMinor,
        afterMinor: target.minor,
        currency: before?.currency ?? target.currency,
        windowState: before?.isPaid ? 'paid' : before?.isLocked ? 'locked' : 'open',
        unchanged: isAsked ? null : unchangedCredit(target),
      },
    ];
  });
}

function unchangedCredit({ rule, conversion }: CommissionTarget): PricedPair['unchanged'] {
  return { shareE12: rule.shareE12, valueMinor: rule.creditedMinor, valueCurrency: conversion.currency };
}

/** Credits as the study gives them; conversions that it does not cover keep what stood at its boundary. */
function studiedView(tx: Tx, study: Study): CreditView & { isCovered(conversionId: string): boolean } {
  const covered = new Set<string>();
  return {
    isCovered: (conversionId) => covered.has(conversionId),
    async creditsOf(pairs) {
      const studied = await readStudiedCredits(tx, study.id, pairs);
      for (const id of studied.covered) covered.add(id);
      const others = pairs.filter(({ conversionId }) => !studied.covered.has(conversionId));
      return [...studied.credits, ...(await readPartnerCreditsAt(tx, others, study.epoch!))];
    },
    async remainingOf(conversionIds) {
      const conversions = await readConversions(tx, conversionIds);
      const refunds = groupBy(await readRefunds(tx, conversionIds, study.cutAt!), ({ conversionId }) => conversionId);
      return new Map(
        conversions.map((conversion) => [
          conversion.id,
          decideRefunds(conversion, refunds.get(conversion.id) ?? []).remainingMinor,
        ]),
      );
    },
  };
}
