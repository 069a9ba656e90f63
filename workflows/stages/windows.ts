import { condition } from '@temporalio/workflow';
import type { JourneyWindow } from '../../activities/journey-window.ts';
import { record } from '../activity-proxies.ts';
import type { Journey } from '../journey.ts';
import { msUntil, now } from '../pause.ts';

/**
 * Turns window after window, beside the stages and for years: each that closes gets its settlement. The end of a contract makes the
 * last one short and final; a new contract goes on counting.
 */
export async function turnWindows(journey: Journey): Promise<void> {
  const { programId, partnerId, state } = journey;
  for (;;) {
    await condition(() => state.version > 0);
    const window = await record.openWindow({ programId, partnerId, no: state.nextWindow, at: now() });
    if (window === null) await nextContract(journey);
    else if (await isClosed(journey, window)) await settle(journey, window);
  }
}

/** Waits for the window's end. @returns false when the contract ended meanwhile: the window may be shorter now */
async function isClosed({ state }: Journey, { toAt }: JourneyWindow): Promise<boolean> {
  if (Date.parse(toAt) <= Date.now()) return true;
  const before = state.contractId;
  const changed = await condition(() => state.contractId !== before, msUntil(toAt));
  return !changed;
}

async function nextContract({ state }: Journey): Promise<void> {
  const before = state.contractId;
  await condition(() => state.contractId !== before);
}

async function settle({ programId, partnerId, state }: Journey, { windowId, no }: JourneyWindow): Promise<void> {
  await record.startSettlement({ programId, partnerId, windowId, no });
  // Only now: a run that begins here again starts it again, which changes nothing.
  state.settling.push(no);
  state.nextWindow = no + 1;
}
