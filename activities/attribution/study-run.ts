import type { Pool } from '../../db/pool.ts';
import { recordEvent } from '../../db/queries/event.ts';
import { endStudy, finishStudyRow, getStudy } from '../../db/queries/study.ts';
import type { Study } from '../../db/queries/study.ts';
import { countStudiedConversions } from '../../db/queries/study-line.ts';
import { digestOfLines } from '../../db/queries/study-sum.ts';
import { inTransaction } from '../../db/transaction.ts';
import { SYSTEM } from '../../domain/actor.ts';
import type { DrainOptions } from './drain.ts';
import { beginStudy, creditStudyShard } from './study-credit.ts';
import { cutOwnStudy } from './study-cut.ts';
import { priceStudyShard } from './study-price.ts';
import { totalsOf } from './study-totals.ts';
import { currentWorkflow } from '../workflow-context.ts';

/**
 * Runs a whole study in this process: cuts, credits, prices, sums. It writes nothing but itself, and goes on where an earlier attempt died.
 * @returns the study, done
 */
export async function runStudy(pool: Pool, programId: string, studyId: string, options: DrainOptions): Promise<Study> {
  const whole = { shard: 0, of: 1 };
  await cutOwnStudy(pool, programId, studyId, options);
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
    const digest = await digestOfLines(tx, studyId);
    const isFinished = await finishStudyRow(tx, studyId, { conversions, totals: await totalsOf(tx, studyId), digest });
    const study = await getStudy(tx, studyId);
    if (isFinished) {
      await recordEvent(tx, {
        kind: 'study.finished',
        actor: SYSTEM,
        at,
        subject: { type: 'study', id: studyId },
        data: { conversions, policyId: study.policyId },
        workflow: currentWorkflow(),
      });
    }
    return study;
  });
}

/** A study that cannot go on, with the reason; what it wrote so far stays. */
export async function failStudy(pool: Pool, programId: string, studyId: string, failure: string): Promise<void> {
  await inTransaction(pool, programId, (tx) => endStudy(tx, studyId, 'failed', failure));
}
