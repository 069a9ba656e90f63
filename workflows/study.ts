import { ActivityFailure, isCancellation, patched } from '@temporalio/workflow';
import { record, shard } from './activity-proxies.ts';
import { now } from './pause.ts';

export interface StudyInput {
  programId: string;
  studyId: string;
}

/** How a study may stand when its run is over. */
const ENDED = ['done', 'failed', 'cancelled'];

/** An impact study that somebody asked for: past conversions under a draft, beside what is in force. One that cannot go on says why. */
export async function study({ programId, studyId }: StudyInput): Promise<string> {
  await record.noteRun({ programId, subject: { type: 'study', id: studyId } });
  let failure: string;
  try {
    const { state } = await shard.runStudy({ programId, studyId, at: now() });
    if (ENDED.includes(state) || !patched('failed-study-is-told')) return state;
    failure = `The study is ${state}.`;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error) || !patched('failed-study-is-told')) throw error;
    failure = error.cause?.message ?? error.message;
  }
  await record.failStudy({ programId, studyId, failure });
  return 'failed';
}
