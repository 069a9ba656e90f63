import type { EventTexts } from '../kind.ts';

export const ATTRIBUTION_EVENTS = {} as const satisfies EventTexts;
