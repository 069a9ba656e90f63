import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertCoupon } from '../../../db/queries/coupon.ts';
import { insertLink } from '../../../db/queries/link.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { Dice } from '../../support/dice.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { aPolicy } from '../../support/journeys.ts';
import { useTestPool } from '../../support/pool.ts';
import { INTAKES, send, story } from './shuffled-facts.ts';
import type { Sending, Stage } from './shuffled-facts.ts';
import { World } from './world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

const POLICIES: Policy[] = [
  aPolicy({ multipliers: [{ channel: 'video', factor: 1.5 }] }),
  aPolicy({
    model: { kind: 'time-decay', halfLife: 'P2D' },
    multipliers: [
      { kind: 'click', factor: 1.5 },
      { partnerType: 'agency', factor: 0.7 },
    ],
    lookback: { default: 'P7D', byKind: { view: 'P3D' } },
  }),
  aPolicy({ model: { kind: 'position' }, transforms: ['collapse-repeats'], perPartnerShare: 0.6 }),
  aPolicy({ model: { kind: 'last' }, exclusions: [{ channel: 'email', mode: 'unless-only' }] }),
];

interface Place {
  world: World;
  stage: Omit<Stage, 'run'>;
}

/** Two programs with one policy: facts are told to the one in order and to the other shuffled. */
interface Pair {
  told: Place;
  shuffled: Place;
}

async function aPlace(policy: Policy): Promise<Place> {
  const { programId } = await aProgram(pool, { policy });
  const partners: string[] = [];
  for (const type of ['creator', 'agency', 'creator']) {
    const { partnerId } = await aPartner(pool, programId, { type });
    partners.push(partnerId);
  }
  expect(partners.toSorted()).toEqual(partners);
  const linkOf = (partner: number) => `${programId.slice(4)}${partner}`;
  await inTransaction(pool, programId, async (tx) => {
    for (const [index, partnerId] of partners.entries()) {
      const link = { partnerId, contentId: `cnt_${index}`, subId: `link-${index}` };
      await insertLink(tx, { ...link, code: linkOf(index), destination: 'https://shop.example/' });
      await insertCoupon(tx, { partnerId, contentId: `cnt_${index}c`, code: `CODE${index}` });
    }
  });
  return { world: new World(pool, programId), stage: { pool, programId, partners, linkOf } };
}

/** Everything at once, nothing late: what the credits are. */
async function tell({ world, stage }: Place, facts: readonly Sending[], run: number): Promise<void> {
  for (const intake of INTAKES) {
    const own = facts.filter((fact) => fact.intake === intake);
    if (own.length > 0) await send({ ...stage, run }, own);
  }
  await world.drain();
}

/** In any order, some of it twice, in batches of any size, with the feed at work between them. */
async function shuffle({ world, stage }: Place, facts: readonly Sending[], run: number, dice: Dice): Promise<void> {
  const left = [...facts, ...dice.some(4, () => dice.one(facts))]
    .map((fact) => ({ fact, key: dice.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ fact }) => fact);
  while (left.length > 0) {
    const chunk = left.splice(0, 1 + dice.whole(6));
    for (const intake of new Set(chunk.map((fact) => fact.intake)))
      await send(
        { ...stage, run },
        chunk.filter((fact) => fact.intake === intake),
      );
    if (dice.whole(3) === 0) await world.drain();
  }
  await world.drain();
}

/** The credits in force and what partners earned, with partners by their number. */
async function outcomeOf({ world, stage: { partners } }: Place, run: number): Promise<unknown> {
  const credits = await world.rows<{ who: string }>(
    `select c.external_id as sale, k.beneficiary_kind as kind, k.beneficiary_id as who, k.channel, k.share_e12 as share, k.value_minor as minor,
       k.content_id as content, k.sub_id as sub
     from conversion c join conversion_state s on s.conversion_id = c.id join credit k on k.conversion_id = c.id and k.generation = s.generation
     where c.external_id like $1`,
    [`${run}-%`],
  );
  const commissions = await world.rows<{ who: string }>(
    `select c.external_id as sale, m.partner_id as who, sum(m.amount_minor)::bigint as minor
     from conversion c join commission m on m.conversion_id = c.id where c.external_id like $1
     group by 1, 2 having sum(m.amount_minor) <> 0`,
    [`${run}-%`],
  );
  const numbered = (rows: { who: string }[]) =>
    rows
      .map((row) => JSON.stringify({ ...row, who: partners.includes(row.who) ? partners.indexOf(row.who) : row.who }))
      .sort();
  return { credits: numbered(credits), commissions: numbered(commissions) };
}

const SEED = Number(process.hrtime.bigint() % 1_000_000n);

it(`gives the same credit whatever the order of events, however often they are sent, and whenever the feed runs (seed ${SEED})`, async () => {
  const pairs: Pair[] = [];
  for (const policy of POLICIES) pairs.push({ told: await aPlace(policy), shuffled: await aPlace(policy) });
  let run = 0;
  const policyNo = fc.nat(POLICIES.length - 1);
  await fc.assert(
    fc.asyncProperty(policyNo, story, fc.nat(999_999), async (policy, facts, order) => {
      run += 1;
      const { told, shuffled } = pairs[policy]!;
      await tell(told, facts, run);
      await shuffle(shuffled, facts, run, new Dice(order));
      expect(await outcomeOf(shuffled, run)).toEqual(await outcomeOf(told, run));
    }),
    // What fails is made smaller as long as there is time, and then told.
    { numRuns: 25, seed: SEED, interruptAfterTimeLimit: 150_000, markInterruptAsFailure: true },
  );
  for (const { world } of pairs.flatMap(({ told, shuffled }) => [told, shuffled])) {
    const findings = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
    expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
  }
}, 180_000);
