import { record } from '../activity-proxies.ts';
import type { Journey } from '../journey.ts';
import { now } from '../pause.ts';

/** The partner is asked about itself; silence until the deadline is an answer too. */
export async function surveying(journey: Journey): Promise<void> {
  const { programId, partnerId, state } = journey;
  const answer = await journey.ask({
    key: `survey/${state.round}/${state.visit}`,
    kind: 'partner.survey',
    subject: { type: 'partner', id: partnerId },
  });
  if (!answer) return;
  if (answer.outcome === 'expired') {
    await journey.move('survey-deadline');
    return;
  }
  const { by: actor, commandId } = answer;
  await record.storeSurvey({ programId, partnerId, round: state.round, commandId: commandId!, actor, at: now() });
  await journey.move('answered', { actor });
}
