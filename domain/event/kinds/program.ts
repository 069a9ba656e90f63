import type { EventTexts } from '../kind.ts';

export const PROGRAM_EVENTS = {
  'program.changed': '{actor} changed the programme.',
  'program.markets-changed': '{actor} changed the markets.',
  'person.added': '{actor} added a person to the team.',
  'person.changed': '{actor} changed a person of the team.',
  'api-key.made': '{actor} made an API key.',
  'api-key.revoked': '{actor} revoked an API key.',
  'webhook.added': '{actor} added a webhook.',
  'webhook.disabled': '{actor} switched a webhook off.',
  'setting.requested': '{actor} asked for a change of money settings.',
  'setting.changed': '{actor} approved the change of money settings.',
  'setting.rejected': '{actor} rejected the change of money settings.',
  'policy.drafted': '{actor} drafted an attribution policy.',
  'policy.draft-changed': '{actor} changed the draft of a policy.',
  'policy.submitted': '{actor} submitted the policy for approval.',
  'policy.approved': 'Two persons approved the policy; it holds from {effectiveFrom}.',
  'policy.rejected': '{actor} rejected the policy.',
  'policy.active': 'The policy is in force.',
  'policy.date-moved': 'The last approval came late, so the policy holds from {effectiveFrom} instead of {asked}.',
  'evaluation.requested': 'Past conversions are credited anew under the policy, from {from} on.',
  'adjustment.requested': '{actor} asked for an adjustment of {amountMinor} {currency}.',
} as const satisfies EventTexts;
