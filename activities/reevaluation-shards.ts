import { beginStudy, creditStudyShard } from './attribution/study-credit.ts';
import type { Shard } from './attribution/study-credit.ts';
import { priceStudyShard } from './attribution/study-price.ts';
import { finishStudy } from './attribution/study-run.ts';
import { beating } from './beat.ts';
import type { ActivityDeps } from './deps.ts';
import type { StudyMoment } from './study.ts';

/**
 * A study in shards over the workers: begin, credit all shards, price all shards, finish. Shards of one step run side by side; each goes on
 * where its dead predecessor stopped, and beats its heart.
 */
export function createReevaluationShardActivities({ pool }: ActivityDeps) {
  return {
    /** Fixes what the study reads. @returns how many conversions its range holds */
    async beginStudy({ programId, studyId }: Omit<StudyMoment, 'at'>): Promise<{ total: number }> {
      const study = await beginStudy(pool, programId, studyId);
      return { total: study.total ?? 0 };
    },

    async creditStudyShard({ programId, studyId, at, shard, of }: StudyMoment & Shard): Promise<number> {
      return beating(at, (options) => creditStudyShard(pool, programId, studyId, { shard, of }, options));
    },

    async priceStudyShard({ programId, studyId, at, shard, of }: StudyMoment & Shard): Promise<number> {
      return beating(at, (options) => priceStudyShard(pool, programId, studyId, { shard, of }, options));
    },

    async finishStudy({ programId, studyId, at }: StudyMoment): Promise<{ state: string }> {
      const { state } = await finishStudy(pool, programId, studyId, at);
      return { state };
    },
  };
}
