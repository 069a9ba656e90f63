import type { EventTexts } from '../kind.ts';

export const SETTLEMENT_EVENTS = {} as const satisfies EventTexts;
