import type { EventTexts } from '../kind.ts';

export const BRIEF_EVENTS = {} as const satisfies EventTexts;
