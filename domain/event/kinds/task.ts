import type { EventTexts } from '../kind.ts';

export const TASK_EVENTS = {} as const satisfies EventTexts;
