import { condition } from '@temporalio/workflow';
import { SYSTEM } from '../../domain/actor.ts';
import type { Journey } from '../journey.ts';
import { msUntil } from '../pause.ts';

/** Ends the partnership when the contract in force expires, beside the stages; an amendment moves the time, also the last minute's. */
export async function expiring(journey: Journey): Promise<void> {
  const { state } = journey;
  for (;;) {
    await condition(() => canExpire(journey));
    const { expiresAt } = state;
    const isMoved = () => state.expiresAt !== expiresAt || !canExpire(journey);
    if (Date.parse(expiresAt!) > Date.now()) await condition(isMoved, msUntil(expiresAt!));
    await condition(() => !journey.isAmending());
    if (!isMoved()) await journey.move('contract-expired', { actor: SYSTEM });
  }
}

/** Before activation a partner withdraws, or the team does for it (product.md §3). */
function canExpire({ state }: Journey): boolean {
  return state.expiresAt !== undefined && (state.status === 'active' || state.status === 'paused');
}
