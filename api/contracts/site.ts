import { z } from 'zod';
import { shown, shownInstant } from './answer.ts';
import { name } from './value.ts';

const origin = z
  .string()
  .max(300)
  .refine((text) => originOf(text) !== undefined, 'Give an origin such as https://shop.example, without a path.')
  .transform((text) => originOf(text)!)
  .meta({ example: 'https://shop.example' });

const rules = {
  origins: z
    .array(origin)
    .min(1)
    .max(50)
    .transform((list) => [...new Set(list)])
    .describe('Whose pages may send'),
  conversions: z
    .enum(['accept', 'hold', 'refuse'])
    .describe('Anybody can forge what a browser reports: it is refused, or held for a person, or it counts'),
  identities: z
    .enum(['accept', 'refuse'])
    .describe(
      'Whether a browser may say which customer its visitor is; accept it only where customer ids cannot be guessed',
    ),
};

export const newSite = z.strictObject({
  name,
  origins: rules.origins,
  conversions: rules.conversions.default('refuse'),
  identities: rules.identities.default('refuse'),
});

export const siteChanges = z.strictObject({
  name: name.optional(),
  origins: rules.origins.optional(),
  conversions: rules.conversions.optional(),
  identities: rules.identities.optional(),
});

export const site = shown({
  id: z.string(),
  name: z.string(),
  key: z.string().describe('`pk_…`, public: it stands in the pages'),
  origins: z.array(z.string()),
  conversions: z.string(),
  identities: z.string(),
  createdAt: shownInstant,
  disabledAt: shownInstant.nullable(),
}).meta({ id: 'Site' });

/** The origin as browsers write it; undefined for anything else. */
function originOf(text: string): string | undefined {
  try {
    const { origin: found, protocol, pathname, search, hash, username } = new URL(text);
    const isBare = pathname === '/' && search === '' && hash === '' && username === '' && !text.endsWith('?');
    return isBare && /^https?:$/.test(protocol) ? found : undefined;
  } catch {
    return undefined;
  }
}
