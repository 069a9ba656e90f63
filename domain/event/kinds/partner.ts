import type { EventTexts } from '../kind.ts';

export const PARTNER_EVENTS = {
  'partner.invited': '{actor} invited the partner.',
  'partner.applied': 'The partner applied by itself.',
  'partner.answered': 'The partner answered the survey.',
  'partner.changed': '{actor} changed {fields}.',
  'partner.surveying': 'The partner is asked to answer the survey (round {round}).',
  'partner.screening': 'The application is screened.',
  'partner.waitlisted': 'The partner was put on the waiting list.',
  'partner.declined': '{actor} declined the application; the partner may apply again from {reapplyAfter}.',
  'partner.expired': 'The partner did not answer in time.',
  'partner.contracting': '{actor} approved the application; a contract is offered.',
  'partner.enabling': 'The contract is in force; training and payout details follow.',
  'partner.active': 'The partner is active.',
  'partner.paused': '{actor} paused the partner.',
  'partner.ended': '{actor} ended the partnership.',
} as const satisfies EventTexts;
