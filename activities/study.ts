import { failStudy, runStudy } from './attribution/study-run.ts';
import { beating } from './beat.ts';
import type { ActivityDeps } from './deps.ts';

/** A study at the workflow's time (RFC 3339). */
export interface StudyMoment {
  programId: string;
  studyId: string;
  at: string;
}

/** Impact studies: long reads that write nothing but themselves. A dead attempt's successor goes on after its last line. */
export function createStudyActivities({ pool }: ActivityDeps) {
  return {
    /** Runs a study to its end; one that is done is left as it is. */
    async runStudy({ programId, studyId, at }: StudyMoment): Promise<{ state: string }> {
      const { state } = await beating(at, (options) => runStudy(pool, programId, studyId, options));
      return { state };
    },

    /** Says that a study cannot go on. */
    async failStudy({ programId, studyId, failure }: Omit<StudyMoment, 'at'> & { failure: string }): Promise<void> {
      await failStudy(pool, programId, studyId, failure);
    },
  };
}
