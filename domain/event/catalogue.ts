import { ATTRIBUTION_EVENTS } from './kinds/attribution.ts';
import { BRIEF_EVENTS } from './kinds/brief.ts';
import { CONTENT_EVENTS } from './kinds/content.ts';
import { CONTRACT_EVENTS } from './kinds/contract.ts';
import { ENABLEMENT_EVENTS } from './kinds/enablement.ts';
import { FEEDBACK_EVENTS } from './kinds/feedback.ts';
import { MAIL_EVENTS } from './kinds/mail.ts';
import { PARTNER_EVENTS } from './kinds/partner.ts';
import { PAYOUT_EVENTS } from './kinds/payout.ts';
import { PROGRAM_EVENTS } from './kinds/program.ts';
import { SETTLEMENT_EVENTS } from './kinds/settlement.ts';
import { TASK_EVENTS } from './kinds/task.ts';
import { TRACKING_EVENTS } from './kinds/tracking.ts';

/** Every kind of event with its text. A kind that is recorded but does not stand here is a fault that a test finds. */
export const EVENT_TEXTS = {
  ...PARTNER_EVENTS,
  ...TASK_EVENTS,
  ...CONTRACT_EVENTS,
  ...ENABLEMENT_EVENTS,
  ...CONTENT_EVENTS,
  ...TRACKING_EVENTS,
  ...ATTRIBUTION_EVENTS,
  ...SETTLEMENT_EVENTS,
  ...PAYOUT_EVENTS,
  ...FEEDBACK_EVENTS,
  ...PROGRAM_EVENTS,
  ...BRIEF_EVENTS,
  ...MAIL_EVENTS,
} as const;

export type EventKind = keyof typeof EVENT_TEXTS;
