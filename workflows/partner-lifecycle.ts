import { allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PartnerState } from '../domain/partner/lifecycle.ts';
import { atRest, record } from './activity-proxies.ts';
import { createTaskDesk, emptyTaskDesk } from './human-task.ts';
import { asFailure, createJourney } from './journey.ts';
import type { Journey, JourneyState } from './journey.ts';
import { briefActivated, settlementFinished } from './messages.ts';
import { handleCommands } from './partner-commands.ts';
import { amending } from './stages/amending.ts';
import { contracting } from './stages/contracting.ts';
import { enabling, enablement } from './stages/enabling.ts';
import { expiring } from './stages/expiring.ts';
import { screening } from './stages/screening.ts';
import { surveying } from './stages/surveying.ts';
import { expired, resting, waitlisted } from './stages/waiting.ts';
import { turnWindows } from './stages/windows.ts';
import { showStage, showWaiting } from './waiting.ts';

export interface PartnerLifecycleInput {
  programId: string;
  partnerId: string;
  /** What the run before knew; absent in the first one, which waits for the update `createPartner`. */
  carried?: JourneyState;
  /** Continues as new after so many events; Temporal's own suggestion when absent. For tests. */
  eventsPerRun?: number;
}

/** What happens in each state. A stage ends when the state was left, and is begun again after continuing as new. */
const STAGES: Record<PartnerState, (journey: Journey) => Promise<void>> = {
  surveying,
  screening,
  waitlisted,
  declined: resting,
  expired,
  contracting,
  enabling,
  active: resting,
  paused: resting,
  ended: resting,
};

/** One partner's journey, from the invitation to the end and back again: it lives as long as the programme. */
export async function partnerLifecycle(input: PartnerLifecycleInput): Promise<void> {
  const { programId, partnerId } = input;
  const state = input.carried ?? firstState();
  const desk = createTaskDesk(state.tasks, { programId, partnerId, workflowId: workflowInfo().workflowId });
  const journey = createJourney({ programId, partnerId }, state, desk);
  const commands = handleCommands(journey);
  setHandler(briefActivated, () => void (state.briefs += 1));
  setHandler(settlementFinished, ({ no }) => void (state.settling = state.settling.filter((one) => one !== no)));

  await record.noteRun({ programId, partnerId, subject: { type: 'partner', id: partnerId } });
  await condition(() => state.status !== null || commands.isRefused());
  if (state.status === null) return condition(allHandlersFinished);
  showStage({ programId, partnerId }, state.status);
  showWaiting({ programId, partnerId }, state.tasks.open);

  let failure: unknown;
  const beside = (work: Promise<void>) => void work.catch((error: unknown) => (failure = error));
  beside(runStages(journey));
  beside(runEnablement(journey));
  beside(runAmendments(journey, beside));
  beside(turnWindows(journey));
  beside(expiring(journey));

  await condition(() => failure !== undefined || isRunLong(input.eventsPerRun));
  if (failure !== undefined) throw asFailure(failure);
  await atRest();
  await continueAsNew<typeof partnerLifecycle>({ ...input, carried: { ...state, tasks: desk.state } });
}

async function runStages(journey: Journey): Promise<void> {
  for (;;) await STAGES[journey.state.status!](journey);
}

/** Once per contract round, from the contract's coming into force on. */
async function runEnablement(journey: Journey): Promise<void> {
  const { state } = journey;
  for (;;) {
    await condition(() => state.status === 'enabling' || state.enablement.round === state.round);
    if (state.enablement.round !== state.round) {
      state.enablement = { round: state.round, isTrained: false, hasDetails: false, extensions: 0, looks: 0 };
    }
    await enablement(journey);
    await condition(() => state.enablement.round !== state.round);
  }
}

/** Each amendment waits beside the others, also after continuing as new. */
async function runAmendments(journey: Journey, beside: (work: Promise<void>) => void): Promise<void> {
  const { state } = journey;
  const begun = new Set<number>();
  const isNew = ({ version }: { version: number }) => !begun.has(version);
  for (;;) {
    await condition(() => state.amendments.some(isNew));
    for (const amendment of state.amendments.filter(isNew)) {
      begun.add(amendment.version);
      beside(amending(journey, amendment));
    }
  }
}

function isRunLong(eventsPerRun: number | undefined): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || (eventsPerRun !== undefined && historyLength >= eventsPerRun);
}

function firstState(): JourneyState {
  return {
    status: null,
    visit: 0,
    round: 1,
    since: new Date(Date.now()).toISOString(),
    version: 0,
    hash: '',
    nextWindow: 1,
    settling: [],
    amendments: [],
    briefs: 0,
    enablement: { round: 0, isTrained: false, hasDetails: false, extensions: 0, looks: 0 },
    tasks: emptyTaskDesk(),
    handled: [],
  };
}
