import { sleep } from '@temporalio/workflow';

/** The workflow's own time as an instant; activities get it handed in. */
export const now = () => new Date(Date.now()).toISOString();

/** Milliseconds until an instant; at least 1, because a time-out of 0 would wait without end. */
export const msUntil = (instant: string) => Math.max(1, Date.parse(instant) - Date.now());

/** Sleeps until an instant; one that has passed costs nothing. */
export async function sleepUntil(instant: string): Promise<void> {
  if (Date.parse(instant) > Date.now()) await sleep(msUntil(instant));
}
