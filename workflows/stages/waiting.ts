import { condition } from '@temporalio/workflow';
import { record } from '../activity-proxies.ts';
import type { Journey } from '../journey.ts';
import { msUntil, now } from '../pause.ts';
import { decline } from './screening.ts';

/** Waits for a brief that became active, or for the day on which everybody on the list is looked at again; twelve months at most. */
export async function waitlisted(journey: Journey): Promise<void> {
  const { state, programId } = journey;
  const { waitlistReturnMs, waitlistOverMs } = await record.readPace({ programId });
  const over = Date.parse(state.waitlistedSince ?? state.since) + waitlistOverMs;
  const again = Math.min(over, Date.parse(state.since) + waitlistReturnMs);
  const visit = state.visit;
  const wake = () => state.briefs > 0 || state.visit !== visit;
  await condition(wake, msUntil(new Date(again).toISOString()));
  if (state.visit !== visit) return;
  if (state.briefs > 0) {
    state.briefs = 0;
    await journey.move('brief-changed');
  } else if (Date.now() >= over) await decline(journey, { event: 'waitlist-over' });
  else await journey.move('waitlist-return');
}

/** A survey that was not answered in time may still be answered; nobody is reminded of it. */
export async function expired(journey: Journey): Promise<void> {
  const { state, programId, partnerId } = journey;
  if (state.expiredFrom !== 'surveying') return journey.left();
  const { lateAnswerMs } = await record.readPace({ programId });
  const answer = await journey.ask({
    key: `late-survey/${state.round}/${state.visit}`,
    kind: 'partner.survey',
    subject: { type: 'partner', id: partnerId },
    quietUntil: new Date(Date.parse(state.since) + lateAnswerMs).toISOString(),
  });
  if (!answer) return;
  if (answer.outcome === 'expired') return journey.left();
  const { by: actor, commandId } = answer;
  await record.storeSurvey({ programId, partnerId, round: state.round, commandId: commandId!, actor, at: now() });
  // The deadline of the task was the date until which late answers count.
  await journey.move('late-answer', { actor, lateAnswerMs: Number.MAX_SAFE_INTEGER });
}

/** Nothing is expected of anybody; only a command goes on from here. */
export function resting(journey: Journey): Promise<void> {
  return journey.left();
}
