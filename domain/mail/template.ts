import type { PartnerState } from '../partner/lifecycle.ts';

/** States whose coming a partner is told of; in the others a task of theirs says what to do. */
export const TOLD_STATES = [
  'waitlisted',
  'declined',
  'expired',
  'active',
  'paused',
  'ended',
] as const satisfies readonly PartnerState[];

/** Every mail that Tandem sends; each has a letter in every language (activities/mail/letters). */
export const MAIL_TEMPLATES = [
  'task-opened',
  'task-reminder',
  'task-escalated',
  'partner-waitlisted',
  'partner-declined',
  'partner-expired',
  'partner-active',
  'partner-paused',
  'partner-ended',
  'payout-paid',
  'payout-failed',
  'payout-returned',
  'feedback-told',
  'contract-signed',
  'contract-notice',
  'policy-changed',
  'policy-not-studied',
  'policy-not-reevaluated',
  'policy-replaced',
] as const;
export type MailTemplate = (typeof MAIL_TEMPLATES)[number];

/** Whether `text` names a mail of ours. */
export function isMailTemplate(text: string): text is MailTemplate {
  return (MAIL_TEMPLATES as readonly string[]).includes(text);
}
