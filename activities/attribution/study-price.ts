import type { Pool } from '../../db/pool.ts';
import { readPartnerCreditsAt } from '../../db/queries/commission.ts';
import type { Pair } from '../../db/queries/commission.ts';
import { readConversions, readRefunds } from '../../db/queries/conversion-facts.ts';
import { getStudy, notePricing } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { readPostedAt, windowsLockedAt } from '../../db/queries/study-instant.ts';
import type { PostedAt } from '../../db/queries/study-instant.ts';
import {
  conversionsOfWindowStudied,
  pairsToPrice,
  partnersWithLateEvidence,
  priceStudyLines,
  readStudiedCredits,
} from '../../db/queries/study-line.ts';
import type { PricedPair } from '../../db/queries/study-line.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Tx } from '../../db/transaction.ts';
import { amountsByChannel } from '../../domain/commission/channel-amount.ts';
import { commissionTargets, pairKey } from '../../db/attribution/commission-targets.ts';
import type { CommissionTarget } from '../../db/attribution/commission-target.ts';
import type { CreditView } from '../../db/attribution/commission-targets.ts';
import { groupBy } from '../../db/attribution/group-by.ts';
import { isBefore } from '../../db/attribution/evidence-limit.ts';
import type { DrainOptions } from './drain.ts';
import { decideRefunds } from '../../db/attribution/refund-limits.ts';
import { findOriginsBy } from '../window-plan.ts';
import { isGoingOn } from './study-credit.ts';
import type { Shard } from './study-credit.ts';

const PAIRS_PER_STEP = 500;
/** Pairs that are looked for at once. */
const PAIRS_PER_LOOK = 20_000;

/** Prices the lines of one shard of the partners: what was posted up to the boundary, and what each contract gives for the credit after. */
export async function priceStudyShard(
  pool: Pool,
  programId: string,
  studyId: string,
  shard: Shard,
  options: Omit<DrainOptions, 'now'> = {},
): Promise<number> {
  await inTransaction(pool, programId, (tx) => notePricing(tx, studyId));
  let after: Pair = { partnerId: '', conversionId: '' };
  for (let priced = 0; ;) {
    const look = { ...shard, after, limit: PAIRS_PER_LOOK };
    const { pairs, touched } = await inTransaction(pool, programId, (tx) => lookForPairs(tx, studyId, look));
    if (pairs.length === 0) return priced;
    for (let from = 0; from < pairs.length; from += PAIRS_PER_STEP) {
      options.signal?.throwIfAborted();
      options.heartbeat?.(priced);
      const step = pairs.slice(from, from + PAIRS_PER_STEP);
      const isPriced = await inTransaction(pool, programId, async (tx) => {
        const study = await getStudy(tx, studyId);
        if (!isGoingOn(study)) return false;
        await priceStudyLines(tx, studyId, await pricePairs(tx, study, step, touched));
        return true;
      });
      if (!isPriced) return priced;
      priced += step.length;
      after = step.at(-1)!;
    }
  }
}

/** The next pairs without a price, and those of their partners whom late evidence touches: credit is done, so nobody is added. */
async function lookForPairs(
  tx: Tx,
  studyId: string,
  look: Parameters<typeof pairsToPrice>[2],
): Promise<{ pairs: Pair[]; touched: Set<string> }> {
  const pairs = isGoingOn(await getStudy(tx, studyId)) ? await pairsToPrice(tx, studyId, look) : [];
  if (pairs.length === 0) return { pairs, touched: new Set() };
  const partnerIds = [...new Set(pairs.map(({ partnerId }) => partnerId))];
  return { pairs, touched: await partnersWithLateEvidence(tx, studyId, partnerIds) };
}

async function pricePairs(
  tx: Tx,
  study: Study,
  pairs: readonly Pair[],
  touched: ReadonlySet<string>,
): Promise<PricedPair[]> {
  const view = studiedView(tx, study, 'after');
  const targets = await commissionTargets(tx, pairs, study.cutAt!, view);
  const posted = new Map(
    (await readPostedAt(tx, targets, { cutAt: study.cutAt!, epoch: study.epoch! })).map((row) => [pairKey(row), row]),
  );
  const evidence = new Map(
    (await evidencedTargets(tx, study, pairs, touched)).map((target) => [pairKey(target), target]),
  );
  const windowIds = [...posted.values()].map(({ windowId }) => windowId);
  const locked = await windowsLockedAt(tx, [...new Set(windowIds)], study.cutAt!);
  const isLocked = ({ origin }: CommissionTarget, before: PostedAt | undefined) =>
    before ? locked.has(before.windowId) : origin !== null && isBefore(origin.locksAt, study.cutAt!, true);
  const asked = new Set(pairs.map(pairKey));
  return targets.flatMap((target): PricedPair[] => {
    const key = pairKey(target);
    const before = posted.get(key);
    const beforeMinor = before?.totalMinor ?? 0;
    const evident = evidence.get(key);
    const isMoved = beforeMinor !== target.minor || (evident !== undefined && evident.minor !== beforeMinor);
    // A pair outside the range has no line of its own unless the window as a whole moves its commission.
    if (!asked.has(key) && (view.isCovered(target.conversionId) || !isMoved)) return [];
    const windowState = before?.isPaid ? 'paid' : isLocked(target, before) ? 'locked' : 'open';
    return [
      {
        partnerId: target.partnerId,
        conversionId: target.conversionId,
        beforeMinor,
        afterMinor: target.minor,
        evidenceMinor: evident === undefined || evident.minor === beforeMinor ? null : evident.minor,
        currency: before?.currency ?? target.currency,
        windowState,
        commission: {
          before: amountsByChannel(beforeMinor, before?.parts ?? [], target.credits),
          after: amountsByChannel(target.minor, target.rule.parts, target.credits),
          evidence: amountsByChannel(
            evident?.minor ?? beforeMinor,
            evident?.rule.parts ?? before?.parts ?? [],
            target.credits,
          ),
        },
        unchanged: asked.has(key) ? null : unchangedCredit(target),
      },
    ];
  });
}

/** What the rule in force pays on all evidence, for partners whom late evidence touches; for all others that is what was posted. */
async function evidencedTargets(
  tx: Tx,
  study: Study,
  pairs: readonly Pair[],
  touched: ReadonlySet<string>,
): Promise<CommissionTarget[]> {
  const theirs = pairs.filter(({ partnerId }) => touched.has(partnerId));
  if (theirs.length === 0) return [];
  return commissionTargets(tx, theirs, study.cutAt!, studiedView(tx, study, 'evidence'));
}

function unchangedCredit({ rule, conversion, credits }: CommissionTarget): PricedPair['unchanged'] {
  return {
    shareE12: rule.shareE12,
    valueMinor: rule.creditedMinor,
    valueCurrency: conversion.currency,
    channels: credits.map(({ channel, shareE12, minor }) => ({ channel, shareE12, minor })),
  };
}

/** Credits as the study gives them; conversions that it does not cover keep what stood at its boundary. Windows are those of its cut. */
function studiedView(
  tx: Tx,
  study: Study,
  side: 'after' | 'evidence',
): CreditView & { isCovered(conversionId: string): boolean } {
  const covered = new Set<string>();
  return {
    isCovered: (conversionId) => covered.has(conversionId),
    conversionsOf: (window) => conversionsOfWindowStudied(tx, { id: study.id, epoch: study.epoch! }, window),
    async creditsOf(pairs) {
      const studied = await readStudiedCredits(tx, study.id, pairs, side);
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
    originsOf: (questions, history) => findOriginsBy(tx, history, questions),
  };
}
