import type { EventTexts } from '../kind.ts';

export const FEEDBACK_EVENTS = {
  'feedback.opened': '{actor} opened a case about {kind}.',
  'feedback.ask': '{actor} asked the partner for more information.',
  'feedback.information-given': '{actor} answered the question.',
  'feedback.information-deadline': 'The question was not answered in time; the case is decided without.',
  'feedback.answer': '{actor} answered the case.',
  'feedback.decline': '{actor} declined the case.',
  'feedback.correct': '{actor} corrected one order by an approved fact.',
  'feedback.review-policy': '{actor} took the case as a reason to review the policy.',
  'feedback.policy-linked': 'The case was linked with the policy {policyId}.',
  'feedback.carried-out': 'What the case asked for was carried out, and the partner was told.',
  'feedback.not-carried-out': 'The policy that was asked for was not carried out, and the partner was told.',
  'feedback.appeal': '{actor} appealed.',
  'feedback.uphold': '{actor} upheld the decision.',
  'feedback.change': '{actor} changed the decision.',
  'feedback.appeal-time-over': 'The time for an appeal is over; the case is closed.',
} as const satisfies EventTexts;
