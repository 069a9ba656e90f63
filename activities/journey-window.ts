import { joinIntake } from '../db/locks.ts';
import { findWindow } from '../db/queries/window.ts';
import { inTransaction } from '../db/transaction.ts';
import type { ActivityDeps } from './deps.ts';
import { openWindowsThrough } from './windows.ts';

/** A window as the journey turns it: known by its number, closed at `toAt`. */
export interface JourneyWindow {
  windowId: string;
  no: number;
  toAt: string;
  isFinal: boolean;
}

export function createJourneyWindowActivities({ pool }: ActivityDeps) {
  return {
    /** Makes sure that the windows up to now, and one ahead, are written. @returns the one with that number; null when the contract has no such window */
    async openWindow(about: {
      programId: string;
      partnerId: string;
      no: number;
      at: string;
    }): Promise<JourneyWindow | null> {
      return inTransaction(pool, about.programId, async (tx) => {
        await joinIntake(tx);
        await openWindowsThrough(tx, about.partnerId, about.at);
        const window = await findWindow(tx, about.partnerId, about.no);
        return window
          ? { windowId: window.id, no: window.no, toAt: new Date(window.toAt).toISOString(), isFinal: window.isFinal }
          : null;
      });
    },
  };
}
