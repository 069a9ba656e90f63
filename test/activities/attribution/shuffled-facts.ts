import fc from 'fast-check';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { recordRedirects } from '../../../db/intake/redirect.ts';
import type { RedirectClick } from '../../../db/intake/redirect.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import type { Pool } from '../../../db/pool.ts';

/** Where facts are sent, and under which prefix of their ids: the same story may be told in many programs, and many in one. */
export interface Stage {
  pool: Pool;
  programId: string;
  /** Ascending by id, so that ties break alike in every program. */
  partners: readonly string[];
  /** The code of a partner's link in this program. */
  linkOf(partner: number): string;
  run: number;
}

/** Clicks first and refunds last: the order in which nothing comes late. */
export const INTAKES = ['click', 'touchpoint', 'identity', 'conversion', 'refund'] as const;

/** Facts that are sent together, because at one instant the order of receipt decides. */
export interface Sending {
  intake: (typeof INTAKES)[number];
  items(stage: Stage): object[];
}

/** One thing that happens, told with its number in the story, so that no two happen at one instant. */
type Fact = (no: number) => Sending[];

/** Sends some of one kind as one batch. @throws Error when one is refused */
export async function send(stage: Stage, sendings: readonly Sending[]): Promise<void> {
  const { pool, programId } = stage;
  const items = sendings.flatMap((sending) => sending.items(stage));
  const intakes = {
    touchpoint: intakeTouchpoints,
    identity: intakeIdentities,
    conversion: intakeConversions,
    refund: intakeRefunds,
  };
  const { intake } = sendings[0]!;
  if (intake === 'click') return recordRedirects(pool, programId, items as RedirectClick[]);
  const results = await intakes[intake](pool, programId, items);
  const refused = results.find(({ status }) => status === 'rejected');
  if (refused) throw new Error(`Refused: ${JSON.stringify(refused)}`);
}

const at = (hour: number, no: number) => new Date(Date.UTC(2026, 2, 1, hour, no)).toISOString();
/** Two of four persons are visitors. */
const person = (run: number, who: number) =>
  who % 2 === 0 ? { visitorId: `${run}-v${who}` } : { customerId: `${run}-c${who}` };
const EUR = (minor: number) => ({ minor, currency: 'EUR' });
const conversion = (more: (stage: Stage) => object): Sending => ({
  intake: 'conversion',
  items: (stage) => [{ type: 'purchase', ...more(stage) }],
});
const named = (stage: Stage, name: string) => `${stage.run}-${name}`;

const who = fc.nat(3);
const hour = fc.nat(200);
const partner = fc.nat(2);
const minor = fc.nat(10_001);
const subId = fc.constantFrom(null, 'bio', 'story', 'post');

/** A touchpoint of a partner, by name or by link, or of an own channel; some are two at one instant with two sub-ids. */
const touch = fc
  .record({
    who,
    hour,
    partner,
    kind: fc.constantFrom('click', 'view', 'event', 'visit'),
    by: fc.constantFrom('name', 'link', 'own'),
    channel: fc.constantFrom('video', 'email'),
    subId,
    isTwice: fc.boolean(),
  })
  .map(({ by, partner: of, subId: sub, channel, isTwice, ...fact }): Fact => (no) => [
    {
      intake: 'touchpoint',
      items: (stage) => {
        const origins = {
          name: { partnerId: stage.partners[of], channel, ...(sub === null ? {} : { subId: sub }) },
          link: { linkCode: stage.linkOf(of) },
          own: { channel },
        };
        const item = {
          id: named(stage, `t${no}`),
          identity: person(stage.run, fact.who),
          kind: fact.kind,
          occurredAt: at(fact.hour, no),
          ...origins[by],
        };
        return isTwice && by !== 'own' ? [item, { ...item, id: `${item.id}b`, subId: 'twin' }] : [item];
      },
    },
  ]);

/** A followed link, and what names its click: a sale with a customer or with the click alone, with or without a coupon, or a sign-in. */
const followed = fc
  .record({
    who,
    hour,
    partner,
    minor,
    subId,
    isAlone: fc.boolean(),
    coupon: fc.option(partner),
    signsIn: fc.boolean(),
    consent: fc.integer({ min: 0, max: 4 }).map((draw) => draw > 0),
  })
  .map(({ who: buyer, partner: of, ...fact }): Fact => (no) => {
    const clickId = ({ run }: Stage) => Buffer.from([run, no].map(String).join('-').padEnd(16)).toString('base64url');
    const click: Sending = {
      intake: 'click',
      items: (stage) => [
        {
          touchpointId: named(stage, `t${no}`),
          clickId: clickId(stage),
          at: at(fact.hour, no),
          code: stage.linkOf(of),
          visitorId: `${stage.run}-v${no % 2 === 0 ? 0 : no}`,
          consent: fact.consent,
          bot: false,
          subId: fact.subId,
        },
      ],
    };
    const sale = conversion((stage) => ({
      externalId: named(stage, `f${no}`),
      identity: fact.isAlone ? {} : person(stage.run, buyer),
      clickId: clickId(stage),
      ...(fact.coupon === null ? {} : { couponCode: `CODE${fact.coupon}` }),
      value: EUR(fact.minor),
      occurredAt: at(fact.hour + 2, no),
    }));
    const signIn: Sending = {
      intake: 'identity',
      items: (stage) => [{ ...person(stage.run, buyer), clickId: clickId(stage), occurredAt: at(fact.hour + 1, no) }],
    };
    // Nothing but the click would make a second id, and one without consent names nobody.
    return fact.signsIn && fact.consent ? [click, sale, signIn] : [click, sale];
  });

/** A sale, with a coupon or without; a renewal and its renewal; a part given back, and perhaps the rest. */
const sold = fc
  .record({
    who,
    hour,
    minor,
    coupon: fc.option(partner),
    renewals: fc.array(fc.record({ who, minor }), { maxLength: 2 }),
    refunds: fc.array(fc.option(fc.integer({ min: 1, max: 400 })), { maxLength: 2 }),
  })
  .map(({ who: buyer, renewals, refunds, ...fact }): Fact => (no) => [
    conversion((stage) => ({
      externalId: named(stage, `s${no}`),
      identity: person(stage.run, buyer),
      ...(fact.coupon === null ? {} : { couponCode: `code${fact.coupon}` }),
      value: EUR(fact.minor + 1_000),
      occurredAt: at(fact.hour, no),
    })),
    ...renewals.map((renewal, place) =>
      conversion((stage) => ({
        externalId: named(stage, `s${no}${'r'.repeat(place + 1)}`),
        parentExternalId: named(stage, `s${no}${'r'.repeat(place)}`),
        identity: person(stage.run, renewal.who),
        value: EUR(renewal.minor),
        occurredAt: at(fact.hour + 24 * (place + 1), no),
      })),
    ),
    ...refunds.map((back, place): Sending => ({
      intake: 'refund',
      items: (stage) => [
        {
          externalId: named(stage, `b${no}-${place}`),
          conversionExternalId: named(stage, `s${no}`),
          ...(back === null ? {} : { value: EUR(back) }),
          occurredAt: at(fact.hour + 30, no),
          reason: 'returned',
        },
      ],
    })),
  ]);

/** Somebody whom one partner alone brought, twice: what comes late moves no share, and may name the credit anew. */
const faithful = fc
  .record({ hour, partner, minor, by: fc.constantFrom('name', 'link') })
  .map(({ partner: of, ...fact }): Fact => (no) => {
    const identity = ({ run }: Stage) => ({ emailHash: `${run}-e${no}` });
    const contact = (name: string, after: number): Sending => ({
      intake: 'touchpoint',
      items: (stage) => [
        {
          id: named(stage, `t${no}${name}`),
          identity: identity(stage),
          kind: 'visit',
          occurredAt: at(fact.hour + after, no),
          channel: 'video',
          ...(fact.by === 'link' && name === 'b' ? { linkCode: stage.linkOf(of) } : { partnerId: stage.partners[of] }),
          subId: name,
        },
      ],
    });
    const sale = conversion((stage) => ({
      externalId: named(stage, `l${no}`),
      identity: identity(stage),
      value: EUR(fact.minor),
      occurredAt: at(fact.hour + 3, no),
    }));
    return [contact('a', 0), contact('b', 1), sale];
  });

const merge = fc.record({ a: fc.constantFrom(0, 2), b: fc.constantFrom(1, 3) }).map(({ a, b }): Fact => () => [
  {
    intake: 'identity',
    items: ({ run }) => [{ ...person(run, a), ...person(run, b), occurredAt: at(0, 0) }],
  },
]);

/** A counterexample shows what was sent. */
function readable(sending: Sending): Sending {
  const stage = { run: 0, partners: ['P0', 'P1', 'P2'], linkOf: (of: number) => `link${of}` } as unknown as Stage;
  const text = () => `${sending.intake} ${JSON.stringify(sending.items(stage))}`;
  return Object.assign({ ...sending }, { [fc.toStringMethod]: text });
}

/** What happens to the four persons of a story. */
export const story = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: touch },
      { weight: 2, arbitrary: followed },
      { weight: 2, arbitrary: sold },
      { weight: 2, arbitrary: faithful },
      { weight: 1, arbitrary: merge },
    ),
    { minLength: 4, maxLength: 14 },
  )
  .map((facts) => facts.flatMap((fact, no) => fact(no)).map(readable));
