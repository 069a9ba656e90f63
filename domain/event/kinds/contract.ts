import type { EventTexts } from '../kind.ts';

export const CONTRACT_EVENTS = {} as const satisfies EventTexts;
