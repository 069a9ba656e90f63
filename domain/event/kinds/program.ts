import type { EventTexts } from '../kind.ts';

export const PROGRAM_EVENTS = {
  'program.changed': '{actor} changed the program: {fields}.',
  'program.markets-changed': '{actor} changed the markets.',
  'person.added': '{actor} added a person with the role {role}.',
  'person.changed': '{actor} changed a person of the team: {fields}.',
  'api-key.made': '{actor} made an API key with the role {role}.',
  'api-key.revoked': '{actor} ended an API key.',
  'webhook.added': '{actor} added a webhook.',
  'webhook.disabled': '{actor} ended a webhook.',
} as const satisfies EventTexts;
