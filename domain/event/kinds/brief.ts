import type { EventTexts } from '../kind.ts';

export const BRIEF_EVENTS = {
  'survey.opened': '{actor} opened an audience survey.',
  'survey.answered': 'An audience survey was answered.',
  'survey.closed': '{actor} closed an audience survey.',
  'brief.drafted': '{actor} drafted a brief.',
  'brief.draft-changed': '{actor} changed the draft of a brief.',
  'prospect.added': '{actor} added a prospect.',
  'prospect.invited': '{actor} invited a prospect.',
  'brief.submitted': '{actor} submitted the brief "{name}" for approval.',
  'brief.active': '{actor} approved the brief; waitlisted partners are looked at again.',
  'brief.rejected': '{actor} rejected the brief.',
} as const satisfies EventTexts;
