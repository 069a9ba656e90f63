import type { EventTexts } from '../kind.ts';

export const PROGRAM_EVENTS = {
  'setting.requested': '{actor} asked for a change of money settings.',
  'setting.changed': '{actor} approved the change of money settings.',
  'setting.rejected': '{actor} rejected the change of money settings.',
  'policy.submitted': '{actor} submitted the policy for approval.',
  'policy.approved': 'Two persons approved the policy; it holds from {effectiveFrom}.',
  'policy.rejected': '{actor} rejected the policy.',
  'policy.active': 'The policy is in force.',
  'policy.date-moved': 'The last approval came late, so the policy holds from {effectiveFrom} instead of {asked}.',
  'evaluation.requested': 'Past conversions are credited anew under the policy, from {from} on.',
  'evaluation.done': 'The re-evaluation was carried out and its differences are posted.',
  'evaluation.cancelled': '{actor} cancelled the re-evaluation before anything was posted.',
  'adjustment.requested': '{actor} asked for an adjustment of {amountMinor} {currency}.',
} as const satisfies EventTexts;
