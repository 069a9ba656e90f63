import type { EventTexts } from '../kind.ts';

export const CONTENT_EVENTS = {} as const satisfies EventTexts;
