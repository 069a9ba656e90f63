import { z } from 'zod';
import { shown, shownMoney } from './answer.ts';
import { id, instant, name } from './value.ts';

const source = z.union(
  [
    z.strictObject({ importId: id }),
    z
      .strictObject({ from: instant, to: instant })
      .refine(({ from, to }) => from < to, { path: ['to'], message: 'Give an instant after `from`.' }),
  ],
  { error: 'Give either importId alone, or from and to.' },
);
const method = z.enum(['markov', 'shapley']);
const order = z.int().min(1).max(4).optional().describe('Of the Markov chain; 1 by default.');

export const newFit = z.strictObject({
  source,
  method,
  order,
  bootstrap: z
    .strictObject({
      samples: z.int().min(1).max(1_000),
      seed: z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
        .default(1)
        .describe('The same seed gives the same intervals.'),
    })
    .optional()
    .describe('Draws the journeys again so many times, for an interval of each share.'),
});

const cutJourneys = z
  .number()
  .describe('How many journeys of the range had more than 1,000 touchpoints and count with their newest 1,000.');

const unconverted = z
  .array(shownMoney)
  .describe(
    'Value of the range without a rate of its day; its conversions count, it is in no `value`. `PUT /v1/fx-rates` takes rates.',
  );

const credit = { conversions: z.number(), value: z.number(), share: z.number() };
const channelCredit = shown({ channel: z.string(), ...credit });

export const fit = shown({
  channels: z.array(
    channelCredit.extend({
      removalEffect: z.number().optional(),
      interval: z
        .object({ low: z.number(), high: z.number() })
        .optional()
        .describe('Where the share lies in 95 of 100 samples; with `bootstrap`.'),
    }),
  ),
  conversionProbability: z.number().describe('Conversions / (conversions + nulls), at every order.'),
  states: z.number().describe('START, conversion and null are not counted.'),
  transitions: z
    .array(z.object({ from: z.string(), to: z.string(), probability: z.number(), count: z.number() }))
    .describe('From START over states such as `video > blog` to CONVERSION or NULL; the 1,000 most frequent.'),
  transitionsTotal: z.number().describe('How many there are; more than are listed: the list was cut.'),
  cutJourneys,
  unconverted,
  milliseconds: z.number(),
}).meta({ id: 'Fit' });

export const newProposal = z.strictObject({
  source,
  method,
  order,
  name: name.default('Fitted weights').describe('Of the policy that is proposed.'),
});

export const proposal = shown({
  model: z.object({ kind: z.literal('weights'), weights: z.record(z.string(), z.number()) }),
  policy: shown({ name: z.string() }).describe('A body for POST /v1/attribution/policies.'),
  note: z.string(),
  raised: z
    .array(z.string())
    .describe(
      'Channels whose fitted weight is below 0.000000001, the least that a policy can say, and was raised to it.',
    ),
  conversionProbability: z.number(),
  channels: z.array(channelCredit),
  cutJourneys,
  unconverted,
}).meta({ id: 'WeightsProposal' });

export const newComparison = z.strictObject({
  source,
  models: z
    .array(
      z.union([z.string().max(50), z.looseObject({ kind: z.string() })], {
        error: 'Give the name of a model, or an object with its kind.',
      }),
    )
    .min(1)
    .max(20),
});

export const comparison = shown({
  models: z.array(
    shown({
      model: z.string(),
      channels: z.array(channelCredit),
      unattributed: z
        .object(credit)
        .describe(
          'Conversions that nobody touched, or only channels that the model gives nothing; all shares sum to 1.',
        ),
      partnerTypes: z
        .array(z.object({ partnerType: z.string().nullable(), ...credit }))
        .optional()
        .describe('By type of partner, null for own channels; imported paths name channels only.'),
    }),
  ),
  cutJourneys,
  unconverted,
});
