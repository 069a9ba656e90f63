import type { EventTexts } from '../kind.ts';

export const TRACKING_EVENTS = {} as const satisfies EventTexts;
