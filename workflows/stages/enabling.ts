import { condition } from '@temporalio/workflow';
import type { Actor } from '../../domain/actor.ts';
import { record } from '../activity-proxies.ts';
import type { Journey } from '../journey.ts';
import { now } from '../pause.ts';

const STATES_WITH_CONTRACT = ['enabling', 'active', 'paused'];
/** After the third reminder without an answer a person of the team looks. */
const REMINDERS_UNTIL_STALLED = 3;

/** Waits until what the programme demands before activation is there; a partner that stalls is looked at by a person. */
export async function enabling(journey: Journey): Promise<void> {
  const { programId, partnerId, state } = journey;
  const visit = state.visit;
  const { gates } = await record.planEnablement({ programId, partnerId });
  const isMet = () =>
    (gates.training === 'payout' || state.enablement.isTrained) &&
    (gates.payoutDetails === 'payout' || state.enablement.hasDetails);
  for (;;) {
    await condition(() => state.visit !== visit || isMet() || isStalled(journey));
    if (state.visit !== visit) return;
    if (isMet()) {
      await journey.move('gates-met', { gatesMet: true });
      return;
    }
    await lookAtStalled(journey);
  }
}

async function lookAtStalled(journey: Journey): Promise<void> {
  const { state, partnerId } = journey;
  const answer = await journey.ask({
    key: `stalled/${state.round}/${state.enablement.looks}`,
    kind: 'enablement.stalled',
    subject: { type: 'partner', id: partnerId },
    cancelWhen: () => !isStalled(journey),
  });
  state.enablement.looks += 1;
  if (answer?.outcome === 'end') {
    const { by: actor, commandId } = answer;
    await journey.move('stalled-end', { actor, commandId, reason: 'given' });
    return;
  }
  if (answer?.outcome === 'waive-training') state.enablement.isTrained = true;
  if (answer?.outcome === 'extend') state.enablement.extensions += 1;
  // The tasks that stalled close, or open anew: until then they would look stalled still.
  await journey.desk.settled();
}

/** Whether one of the partner's own tasks was reminded of so often that somebody should ask. */
function isStalled({ desk }: Journey): boolean {
  return desk.state.open.some(
    ({ kind, progress }) =>
      (kind === 'enablement.training' || kind === 'enablement.payout-details') &&
      progress.reminders >= REMINDERS_UNTIL_STALLED,
  );
}

/**
 * Training and payout details, beside the stages: what is a gate for payout only goes on while the partner is active.
 * Ends when both are done or no contract is in force any more.
 */
export async function enablement(journey: Journey): Promise<void> {
  const { programId, partnerId, state } = journey;
  const { moduleIds, needsDetails } = await record.planEnablement({ programId, partnerId });
  state.enablement.hasDetails ||= !needsDetails;
  await Promise.all([train(journey, moduleIds), ...(needsDetails ? [giveDetails(journey)] : [])]);
}

async function train(journey: Journey, moduleIds: string[]): Promise<void> {
  const { state } = journey;
  await Promise.all(moduleIds.map((moduleId) => pass(journey, moduleId)));
  if (isUnderContract(journey) && !state.enablement.isTrained) {
    state.enablement.isTrained = true;
    await wakeMoney(journey);
  }
}

async function pass(journey: Journey, moduleId: string): Promise<void> {
  const { programId, partnerId, state } = journey;
  for (;;) {
    const attempt = (await record.countAttempts({ programId, partnerId, moduleId })) + 1;
    const { extensions } = state.enablement;
    const answer = await journey.desk.ask({
      key: `training/${state.round}/${moduleId}/${attempt}/${extensions}`,
      kind: 'enablement.training',
      partnerId,
      subject: { type: 'training-module', id: moduleId },
      data: { moduleId },
      cancelWhen: () =>
        !isUnderContract(journey) || state.enablement.isTrained || state.enablement.extensions !== extensions,
    });
    if (!isUnderContract(journey) || state.enablement.isTrained) return;
    if (answer.outcome === 'cancelled') continue;
    const { by: actor, commandId } = answer;
    const given = { programId, partnerId, moduleId, attempt, commandId: commandId!, actor, at: now() };
    if ((await record.scoreTraining(given)).passed) return;
  }
}

async function giveDetails(journey: Journey): Promise<void> {
  const { programId, partnerId, state } = journey;
  for (let attempt = 1; ;) {
    const { extensions } = state.enablement;
    const given = await journey.desk.ask({
      key: `details/${state.round}/${attempt}/${extensions}`,
      kind: 'enablement.payout-details',
      partnerId,
      subject: { type: 'partner', id: partnerId },
      cancelWhen: () => !isUnderContract(journey) || state.enablement.extensions !== extensions,
    });
    if (!isUnderContract(journey)) return;
    if (given.outcome === 'cancelled') continue;
    const at = given.at;
    const { detailsId } = await record.storePayoutDetails({ programId, partnerId, commandId: given.commandId!, at });
    if (await verify(journey, detailsId, attempt)) break;
    if (!isUnderContract(journey)) return;
    attempt += 1;
  }
  state.enablement.hasDetails = true;
  await wakeMoney(journey);
}

/** Finance looks at the details. @returns whether they are in force now */
async function verify(journey: Journey, detailsId: string, attempt: number): Promise<boolean> {
  const { programId, partnerId, state, desk } = journey;
  const decision = await desk.ask({
    key: `verification/${state.round}/${attempt}`,
    kind: 'payout-details.verification',
    partnerId,
    subject: { type: 'payout-details', id: detailsId },
    cancelWhen: () => !isUnderContract(journey),
  });
  if (decision.outcome === 'cancelled') return false;
  const step: { programId: string; detailsId: string; by: Actor; at: string } = {
    programId,
    detailsId,
    by: decision.by,
    at: now(),
  };
  if (decision.outcome === 'verify') await record.verifyPayoutDetails(step);
  else await record.rejectPayoutDetails(step);
  return decision.outcome === 'verify';
}

function isUnderContract({ state }: Journey): boolean {
  return state.status !== null && STATES_WITH_CONTRACT.includes(state.status);
}

/** Settlements and payouts that waited for training or details go on. */
async function wakeMoney({ programId, partnerId }: Journey): Promise<void> {
  await record.wakeMoney({ programId, partnerId });
}
