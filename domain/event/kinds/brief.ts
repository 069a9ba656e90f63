import type { EventTexts } from '../kind.ts';

export const BRIEF_EVENTS = {
  'brief.submitted': '{actor} submitted the brief "{name}" for approval.',
  'brief.active': '{actor} approved the brief; waitlisted partners are looked at again.',
  'brief.rejected': '{actor} rejected the brief.',
} as const satisfies EventTexts;
