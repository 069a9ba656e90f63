import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import { attempt, record } from './activity-proxies.ts';
import { now } from './pause.ts';

export type StudiedPolicy = { isDone: true; studyId: string } | { isDone: false; reason: string };

/** Studies of a submission before it is given up. */
const MOST_STUDIES = 3;

/** The study that the approvers read. One that fails is done anew; without one in the end, nobody is asked to approve. */
export async function studyPolicy(policy: { programId: string; policyId: string }): Promise<StudiedPolicy> {
  const { programId } = policy;
  let reason = '';
  for (let round = 1; round <= MOST_STUDIES; round += 1) {
    const { studyId, isDone } = await record.studyOfSubmission({ ...policy, at: now() });
    const failure = isDone ? null : await failureOf(programId, studyId);
    if (failure === null) return { isDone: true, studyId };
    reason = failure;
    // While the database is away this waits, so an outage does not use up the rounds.
    await record.failStudy({ programId, studyId, failure });
  }
  return { isDone: false, reason };
}

/** A study reads and writes only itself; a dead worker's attempt is done again. @returns null when it is done */
async function failureOf(programId: string, studyId: string): Promise<string | null> {
  try {
    const { state } = await attempt.runStudy({ programId, studyId, at: now() });
    return state === 'done' ? null : `The study is ${state}.`;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return error.cause?.message ?? error.message;
  }
}
