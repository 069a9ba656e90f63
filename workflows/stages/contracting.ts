import type { Offer } from '../../activities/contract.ts';
import { SYSTEM } from '../../domain/actor.ts';
import type { Actor } from '../../domain/actor.ts';
import { record } from '../activity-proxies.ts';
import type { TaskAnswer } from '../human-task.ts';
import type { Journey } from '../journey.ts';
import { now } from '../pause.ts';
import { decline } from './screening.ts';

/** Offers until both sides signed the same version and hash, or one of them refuses. Begun again, it finds its offers and decisions. */
export async function contracting(journey: Journey): Promise<void> {
  const { programId, state } = journey;
  const { counterRounds } = await record.readPace({ programId });
  let offer = await makeOffer(journey, 1, SYSTEM);
  let counters = 0;
  for (let turn = 1; ; turn += 1) {
    const signature = await askAbout(journey, offer, {
      key: `signature/${state.visit}/${turn}`,
      kind: 'contract.signature',
      ...(counters >= counterRounds && { outcomes: ['sign', 'refuse'] }),
    });
    if (!signature) return;
    if (signature.outcome === 'expired') return expire(journey, offer);
    if (signature.outcome === 'refuse') return refuseOffer(journey, offer, signature);
    if (signature.outcome === 'counter') {
      await journey.move('counter-proposed', { counterRounds: counters, counterRoundsAllowed: counterRounds });
      counters += 1;
      const next = await answerCounter(journey, offer, signature, turn);
      if (!next) return;
      offer = next;
      continue;
    }
    await sign(journey, offer, 'partner', signature);
    const decision = await askAbout(journey, offer, {
      key: `countersignature/${state.visit}/${turn}`,
      kind: 'contract.countersignature',
    });
    if (!decision) return;
    if (decision.outcome === 'refuse') return refuseOffer(journey, offer, decision);
    if (decision.outcome === 'revise') {
      offer = await makeOffer(journey, offer.version + 1, decision.by, decision.commandId);
      continue;
    }
    await sign(journey, offer, 'program', decision);
    const { contractId, version, hash } = offer;
    await journey.putInForce({ contractId, version, actor: decision.by });
    Object.assign(state, { contractId, version, hash });
    await journey.move('countersigned', { actor: decision.by, offerMatches: true });
    return;
  }
}

/** Legal takes the partner's changes, keeps the offer (with changes of its own, or as it is), or refuses. */
async function answerCounter(
  journey: Journey,
  offer: Offer,
  counter: TaskAnswer,
  turn: number,
): Promise<Offer | undefined> {
  const decision = await askAbout(journey, offer, {
    key: `counter/${journey.state.visit}/${turn}`,
    kind: 'contract.counter',
    counterId: counter.taskId,
  });
  if (!decision) return undefined;
  if (decision.outcome === 'refuse') {
    await refuseOffer(journey, offer, decision);
    return undefined;
  }
  const changesId = decision.outcome === 'accept' ? counter.commandId : decision.commandId;
  return makeOffer(journey, offer.version + 1, decision.by, changesId);
}

function makeOffer(journey: Journey, version: number, actor: Actor, changesId?: string): Promise<Offer> {
  const { programId, partnerId, state } = journey;
  return record.offerContract({ programId, partnerId, round: state.round, version, actor, changesId, at: now() });
}

function askAbout(
  journey: Journey,
  { contractId, version, hash }: Offer,
  task: {
    key: string;
    kind: 'contract.signature' | 'contract.counter' | 'contract.countersignature';
    outcomes?: string[];
    counterId?: string;
  },
): Promise<TaskAnswer | undefined> {
  const { counterId, ...question } = task;
  return journey.ask({
    ...question,
    subject: { type: 'contract', id: contractId },
    // Accepting a counter-proposal accepts the partner's words, not the version on offer.
    ...(task.kind !== 'contract.counter' && { expect: { version, hash } }),
    data: { contractId, version, ...(counterId !== undefined && { counterTaskId: counterId }) },
  });
}

async function sign(journey: Journey, offer: Offer, side: 'partner' | 'program', answer: TaskAnswer): Promise<void> {
  const { programId, partnerId } = journey;
  const { contractId, version, hash } = offer;
  const { by: actor, commandId } = answer;
  const step = { programId, partnerId, contractId, version, hash, side, actor, commandId: commandId!, at: now() };
  await record.signContract(step);
}

async function refuseOffer(journey: Journey, offer: Offer, { by: actor, commandId }: TaskAnswer): Promise<void> {
  await closeOffer(journey, offer, 'refused', actor);
  await decline(journey, { event: 'refused', actor, commandId });
}

async function expire(journey: Journey, offer: Offer): Promise<void> {
  await closeOffer(journey, offer, 'expired', SYSTEM);
  await journey.move('signature-deadline');
}

async function closeOffer(
  { programId, partnerId }: Journey,
  { contractId }: Offer,
  state: 'refused' | 'expired',
  actor: Actor,
): Promise<void> {
  await record.closeOffer({ programId, partnerId, contractId, state, actor, at: now() });
}
