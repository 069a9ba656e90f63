import { z } from 'zod';
import { SCREEN_NAMES } from '../../domain/screen/screen.ts';
import { pageQuery } from '../page.ts';
import { shown, shownInstant, shownMoney } from './answer.ts';
import { instant } from './value.ts';

const name = z.enum(SCREEN_NAMES);
const parameters = z.object({ within: z.string().optional(), moreThan: z.number().optional() });
const measure = { hits: z.number(), standing: z.number(), lifted: z.number(), confirmed: z.number() };

export const screen = shown({
  name,
  version: z.number().describe('The one in force.'),
  newestVersion: z
    .number()
    .describe(
      'Above `version`: a rule that was written since. It finds nothing until the settings name it; replay it before.',
    ),
  says: z.string(),
  isOn: z.boolean().describe('Switched by `settings.thresholds.screens` of the program; a second person agrees.'),
  parameters,
  ...measure,
  lastHitAt: shownInstant.nullable(),
  earlier: z.array(shown({ version: z.number(), ...measure })).describe('What other versions of the rule found.'),
}).meta({ id: 'Screen' });

const state = z.enum(['standing', 'lifted', 'confirmed', 'elapsed']);

export const screenHitQuery = pageQuery.extend({
  version: z.coerce.number().int().min(1).optional(),
  state: state.optional().describe('What became of the hold.'),
});

export const screenHit = shown({
  holdId: z.string(),
  screen: z.string(),
  version: z.number(),
  parameters,
  partnerId: z.string(),
  conversionId: z.string(),
  evidence: z.string(),
  at: shownInstant,
  state,
}).meta({ id: 'ScreenHit' });

export const screenReplayRequest = z.strictObject({
  from: instant,
  to: instant,
  version: z.number().int().optional().describe('A version that is not in force yet; left out: the one that is.'),
  parameters: z
    .strictObject({ within: z.unknown().optional(), moreThan: z.unknown().optional() })
    .default({})
    .describe('Instead of those in force: `within` (ISO 8601) and `moreThan`, where the screen has them.'),
});

export const screenReplay = shown({
  name,
  version: z.number(),
  parameters,
  from: shownInstant,
  to: shownInstant,
  examined: z.number().describe('Commissions of a partner for a conversion that earned something.'),
  hits: z.number(),
  heldBefore: z.number().describe('Of the hits, those that a screen had held anyway.'),
  partners: z.number(),
  money: z.array(shownMoney).describe('What would have been held, by currency.'),
  sample: z.array(
    shown({
      partnerId: z.string(),
      conversionId: z.string(),
      evidence: z.string(),
      commission: shownMoney,
      heldBefore: z.boolean(),
    }),
  ),
});
