import type { EventTexts } from '../kind.ts';

export const ENABLEMENT_EVENTS = {} as const satisfies EventTexts;
