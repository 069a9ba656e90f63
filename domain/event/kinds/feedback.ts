import type { EventTexts } from '../kind.ts';

export const FEEDBACK_EVENTS = {} as const satisfies EventTexts;
