import { z } from 'zod';
import { ROLES } from '../../domain/task/kinds.ts';
import { shown, shownInstant } from './answer.ts';
import { country, currency, email, id, language, name, text, timeZone, word } from './value.ts';

export const role = z.enum(ROLES);
const teamRole = z.enum(ROLES.filter((one) => one !== 'partner') as [string, ...string[]]);

export const programChanges = z.strictObject({
  name: name.optional(),
  timeZone: timeZone.optional(),
  settings: z.looseObject({}).optional().describe('A part of the settings; what is left out stays.'),
});
export const program = shown({
  id: z.string(),
  name: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  settings: shown({
    gates: z.looseObject({}),
    durations: z.looseObject({}),
    calendar: z.looseObject({}),
    thresholds: z.looseObject({}),
  }),
  pending: shown({ taskId: z.string() }).optional(),
}).meta({ id: 'Program' });

export const market = z.strictObject({
  code: z.string().regex(/^[A-Z0-9_-]{1,20}$/, 'Give 1–20 of A–Z, 0–9, _ and -.'),
  name,
  region: text(50),
  countries: z.array(country).min(1).max(250),
  language,
  timeZone,
  currency,
});
export const markets = z.strictObject({ items: z.array(market).max(250) });

export const newPerson = z.strictObject({
  name,
  email,
  role: teamRole,
  language: language.optional(),
  languages: z.array(language).max(20).optional(),
  markets: z.array(z.string().max(20)).max(250).optional(),
});
export const personChanges = z.strictObject({
  name: name.optional(),
  language: language.optional(),
  languages: z.array(language).max(20).optional(),
  roles: z.array(teamRole).min(1).max(7).optional(),
  markets: z.array(z.string().max(20)).max(250).optional(),
  conflicts: z.array(id).max(1_000).optional().describe('Partners this person is linked to.'),
  disabled: z.boolean().optional(),
});
export const person = shown({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  roles: z.array(z.string()),
  markets: z.array(z.string()),
  languages: z.array(z.string()),
  conflicts: z.array(z.string()),
}).meta({ id: 'Person' });

export const newApiKey = z.strictObject({
  name,
  role,
  personId: id.optional(),
  partnerId: id.optional(),
  scopes: z.array(word).max(20).optional(),
});
export const apiKey = shown({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  personId: z.string().nullable(),
  partnerId: z.string().nullable(),
  scopes: z.array(z.string()),
  createdAt: shownInstant,
  revokedAt: shownInstant.nullable(),
});
export const mintedApiKey = apiKey.extend({ apiKey: z.string().describe('The secret, shown this once.') });

export const newWebhook = z.strictObject({
  url: z.string().max(2_000),
  events: z.array(z.string().max(100)).min(1).max(100),
});
export const webhook = shown({
  id: z.string(),
  url: z.string(),
  events: z.array(z.string()),
  createdAt: shownInstant,
  disabledAt: shownInstant.nullable(),
});
export const mintedWebhook = webhook.extend({ secret: z.string().describe('`whsec_…`, shown this once.') });

export const me = shown({
  kind: z.enum(['person', 'partner', 'key']),
  person: shown({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
  partner: shown({ id: z.string(), name: z.string() }).nullable(),
  role: z.string(),
  roles: z.array(z.string()),
  program: shown({ id: z.string(), name: z.string() }),
});
export const noBody = z.strictObject({});
