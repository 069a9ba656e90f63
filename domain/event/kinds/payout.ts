import type { EventTexts } from '../kind.ts';

export const PAYOUT_EVENTS = {} as const satisfies EventTexts;
