import { record } from '../activity-proxies.ts';
import type { Journey } from '../journey.ts';

/** A person, or the default of the programme, decides over the application with its fit score. */
export async function screening(journey: Journey): Promise<void> {
  const { programId, partnerId, state } = journey;
  await record.scoreFit({ programId, partnerId });
  const answer = await journey.ask({
    key: `application/${state.round}/${state.visit}`,
    kind: 'application.decision',
    subject: { type: 'partner', id: partnerId },
  });
  if (!answer) return;
  const { outcome, by: actor, commandId } = answer;
  if (outcome === 'approve') await journey.move('approve', { actor, commandId });
  else if (outcome === 'decline') await decline(journey, { actor, commandId, event: 'decline' });
  else await journey.move(actor.kind === 'rule' ? 'screening-deadline' : 'waitlist', { actor, commandId });
}

/** Declines with the date from which the partner may apply again: the one that was given, or the programme's. */
export async function decline(
  journey: Journey,
  by: Parameters<Journey['move']>[1] & { event: 'decline' | 'refused' | 'waitlist-over' },
): Promise<void> {
  const { event, ...request } = by;
  const { programId } = journey;
  const reapplyAfter = await record.reapplyDate({
    programId,
    commandId: request.commandId,
    at: new Date(Date.now()).toISOString(),
  });
  // The reason was checked when the decision was recorded; it lies under the command's id.
  await journey.move(event, { ...request, reason: 'given', reapplyAfter, reapplyAfterMs: Date.parse(reapplyAfter) });
}
