import type { EventTexts } from '../kind.ts';

export const PARTNER_EVENTS = {} as const satisfies EventTexts;
