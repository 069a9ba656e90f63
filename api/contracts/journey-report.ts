import { z } from 'zod';
import { shown, shownInstant } from './answer.ts';
import { instant } from './value.ts';

export const journeyReportQuery = z.strictObject({
  from: instant,
  to: instant,
  most: z.coerce.number().int().min(1).max(200).default(50).describe('Rows of each list.'),
});

const places = {
  journeys: z.number().describe('That it stands in.'),
  assisted: z.number().describe('That it stands in without closing them.'),
  first: z.number().describe('That it introduces.'),
  last: z.number().describe('That it closes.'),
};

export const journeyReport = shown({
  from: shownInstant,
  to: shownInstant,
  conversions: z.number(),
  journeys: z
    .number()
    .describe('Conversions that somebody touched in the 30 days before; all other figures are of these.'),
  paths: z.array(
    shown({
      path: z.array(z.string()),
      isCut: z.boolean().describe('The first 20 steps of a longer one.'),
      journeys: z.number(),
      share: z.number(),
    }),
  ),
  lengths: z.array(z.object({ touchpoints: z.number(), journeys: z.number() })).describe('20 stands for 20 and more.'),
  timeToConvert: shown({
    medianSeconds: z.number(),
    p90Seconds: z.number(),
    buckets: z
      .array(z.object({ upTo: z.string(), journeys: z.number() }))
      .describe('Each from the bound before it on and below its own; the last holds its bound too.'),
  })
    .nullable()
    .describe('From the first touchpoint to the conversion.'),
  channels: z.array(shown({ channel: z.string(), ...places })),
  partners: z.array(shown({ partnerId: z.string(), name: z.string(), ...places })),
  overlaps: z
    .array(
      shown({
        partnerId: z.string(),
        otherId: z.string(),
        journeys: z.number(),
        introduces: z.number(),
        otherIntroduces: z.number(),
        closes: z.number(),
        otherCloses: z.number(),
      }),
    )
    .describe('Pairs of partners in one journey: who of the two came first and who came last.'),
}).meta({ id: 'JourneyReport' });
