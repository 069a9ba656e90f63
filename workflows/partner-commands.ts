import { setHandler } from '@temporalio/workflow';
import type { PartnerEvent } from '../domain/partner/lifecycle.ts';
import { record } from './activity-proxies.ts';
import { once } from './journey.ts';
import type { Journey } from './journey.ts';
import { amendContract, changeStatus, createPartner } from './messages.ts';
import type { AmendContract, ChangeStatus, CreatePartner, StatusEvent } from './messages.ts';
import { now } from './pause.ts';
import { refuse } from './refusal.ts';
import { thrownCause } from './thrown.ts';

/** How the table of states calls what a person asks for. */
const EVENTS: Record<StatusEvent, PartnerEvent> = {
  pause: 'pause',
  resume: 'resume',
  end: 'end',
  reopen: 'reopened',
  reapply: 'reapply',
  withdraw: 'withdraw',
};

/** The updates of a journey. Validators refuse without a trace; what a person typed was checked by the API and lies in Postgres. */
export function handleCommands(journey: Journey): { isRefused(): boolean } {
  const { programId, partnerId, state } = journey;
  let isCreationRefused = false;
  let isAmending = false;
  // Before the handlers: an update that waits when a run begins is answered inside of `setHandler`.
  const isKnown = (commandId: string) => state.handled.some((one) => one.commandId === commandId);

  setHandler(createPartner, create, {
    validator: ({ commandId }) => {
      if (state.status !== null && !isKnown(commandId)) throw refuse('conflict', 'This partner exists already.');
    },
    description: 'Makes the partner and starts its journey',
  });
  setHandler(changeStatus, change, { validator: validateChange, description: 'Pauses, resumes, ends, reopens …' });
  setHandler(amendContract, amend, { validator: validateAmendment, description: 'Changes the contract in force' });

  async function create({ commandId, actor, entry }: CreatePartner): Promise<{ partnerId: string }> {
    return once(state, commandId, async () => {
      try {
        const { status } = await record.createPartner({ programId, partnerId, entry, commandId, actor, at: now() });
        state.status = status;
        state.visit += 1;
        state.since = now();
        return { partnerId };
      } catch (error) {
        isCreationRefused = true;
        throw thrownCause(error);
      }
    });
  }

  function validateChange({ commandId, event }: ChangeStatus): void {
    // A step that Postgres knows of may not have come back yet: `change` waits for it and checks again.
    if (isKnown(commandId) || journey.isMoving()) return;
    // The reason lies in Postgres; the API let no command without one through.
    const move = journey.check(EVENTS[event], { reason: 'given' });
    if (move.kind === 'refused') throw refuse(move.code, move.reason);
  }

  async function change({ commandId, actor, event }: ChangeStatus): Promise<{ status: string }> {
    return once(state, commandId, async () => {
      const isMoved = await journey.move(EVENTS[event], { actor, commandId, reason: 'given' });
      if (!isMoved) throw refuse('illegal-transition', `The partner is ${state.status} now.`);
      await journey.desk.settled();
      if (event === 'resume') await record.wakeMoney({ programId, partnerId });
      return { status: state.status! };
    });
  }

  function validateAmendment({ commandId, contractId }: AmendContract): void {
    if (isKnown(commandId)) return;
    if (state.contractId !== contractId) throw refuse('illegal-transition', 'This contract is not in force.');
    if (isAmending || state.amendments.length > 0) throw refuse('conflict', 'Another amendment waits for an answer.');
  }

  async function amend(command: AmendContract): Promise<{ contractId: string; version: number }> {
    const { commandId, contractId, actor, mode } = command;
    isAmending = true;
    try {
      return await once(state, commandId, async () => {
        const offer = await record.offerContract({
          ...{ programId, partnerId, contractId, actor, round: state.round },
          ...{ version: state.version + 1, changesId: commandId, at: now() },
        });
        const { version, hash } = offer;
        state.version = version;
        if (mode === 'propose') state.amendments.push({ contractId, version, hash });
        else if (!(await journey.putInForce({ contractId, version, actor, isNotice: true }))) {
          throw refuse('illegal-transition', 'The contract has ended meanwhile.');
        }
        return { contractId, version };
      });
    } catch (error) {
      throw thrownCause(error);
    } finally {
      isAmending = false;
    }
  }

  return { isRefused: () => isCreationRefused };
}
