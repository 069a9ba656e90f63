import type { EventTexts } from '../kind.ts';

export const PROGRAM_EVENTS = {} as const satisfies EventTexts;
