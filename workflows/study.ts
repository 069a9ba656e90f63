import { record, shard } from './activity-proxies.ts';
import { now } from './pause.ts';

export interface StudyInput {
  programId: string;
  studyId: string;
}

/** An impact study that somebody asked for: past conversions under a draft, beside what is in force. */
export async function study({ programId, studyId }: StudyInput): Promise<string> {
  await record.noteRun({ programId, subject: { type: 'study', id: studyId } });
  const { state } = await shard.runStudy({ programId, studyId, at: now() });
  return state;
}
