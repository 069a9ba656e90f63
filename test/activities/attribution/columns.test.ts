import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { computeCredit, storedCredits, toStoredCredits } from '../../../db/attribution/conversion-credit.ts';
import { creditFactsOf } from '../../../db/attribution/explanation.ts';
import { loadCreditFacts } from '../../../db/attribution/credit-facts.ts';
import { computeLongCredit } from '../../../db/attribution/long-credit.ts';
import { contractReachMicros } from '../../../db/attribution/columns/contract-reach.ts';
import { JourneyReader } from '../../../db/attribution/columns/read-journeys.ts';
import { sliceOfScopes } from '../../../db/attribution/columns/slice.ts';
import { insertCredits } from '../../../db/attribution/columns/write-credits.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { voidTouchpoint } from '../../../db/intake/correction.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import type { StoredCredit } from '../../../db/queries/credit.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { CreditColumns } from '../../../domain/attribution/columns/credit-columns.ts';
import { Crediter } from '../../../domain/attribution/columns/crediter.ts';
import { reachMicros } from '../../../domain/attribution/columns/reach.ts';
import { RuleColumns } from '../../../domain/attribution/columns/rule-columns.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { Dice } from '../../support/dice.ts';
import { aContractFact, aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { aPolicy } from '../../support/journeys.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { World } from './world.ts';

const SEED = 7_411;
const PERSONS = 40;
const SALES = 120;
const FAR = '2100-01-01T00:00:00Z';
const CHANNELS = ['video', 'blog', 'paid_search', 'email'];

let postgres: TestPostgres;
let pool: Pool;
let world: World;

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  world = new World(pool, (await aProgram(pool)).programId);
  await fill(new Dice(SEED));
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const march = (dice: Dice, days = 30) => new Date(Date.UTC(2026, 2, 1) + dice.next() * days * 86_400_000).toISOString();

/** Partners with long and short lookbacks, an ended contract with a tail and none at all; merges, undone ones, voids and refunds. */
async function fill(dice: Dice): Promise<void> {
  const { programId } = world;
  const terms = tenPercent();
  const plans = [
    {},
    { terms: { ...terms, lookback: { default: 'P60D' } } },
    { terms: { ...terms, lookback: { byKind: { view: 'PT12H' } } }, type: 'agency' },
    { terms: { ...terms, tail: 'P5D' } },
    { contractFrom: '2026-03-15T00:00:00Z' },
    { contractFrom: null },
    {},
  ];
  const partners: Awaited<ReturnType<typeof aPartner>>[] = [];
  for (const plan of plans) partners.push(await aPartner(pool, programId, plan));
  for (const ended of [partners[3]!, partners[6]!])
    await aContractFact(pool, programId, { ...ended, kind: 'ended', version: 1, at: '2026-03-20T00:00:00Z' });
  await world.rows(
    `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, market_code, received_at)
     values ($1, $2, '2026-03-10T00:00:00Z', 'en', 'UTC', 'EUR', 'agency', null, now())`,
    [programId, partners[0]!.partnerId],
  );
  const ids: string[] = [];
  for (let person = 0; person < PERSONS; person += 1) {
    const touches = Array.from({ length: 1 + dice.whole(9) }, (_, n) => {
      const partnerId = dice.one([...partners.map((partner) => partner.partnerId), null, null, null]);
      ids.push(`t-${person}-${n}`);
      const identity = dice.whole(3) === 0 ? { visitorId: `v${person}` } : { customerId: `c${person}` };
      // Some meet in one instant, some are older than any lookback but the longest; the last of an instant names the sub-id.
      const shared = dice.one([null, null, '2026-03-12T00:00:00Z', '2026-01-20T00:00:00Z']);
      return {
        id: `t-${person}-${n}`,
        identity,
        channel: dice.one(CHANNELS),
        kind: dice.one(['click', 'view']),
        occurredAt: shared ?? march(dice),
        ...(partnerId === null ? {} : { partnerId, subId: `s${dice.whole(4)}` }),
      };
    });
    // Of some a partner's last instant has several touchpoints on one channel, each with a sub-id of its own.
    const last = touches.findLast((touch) => 'partnerId' in touch);
    const twins = last ? ['a', 'b'].map((twin) => ({ ...last, id: `${last.id}${twin}`, subId: `twin-${twin}` })) : [];
    await world.touch(...touches, ...twins);
  }
  const merges = Array.from({ length: PERSONS / 2 }, (_, n) => ({
    visitorId: `v${n}`,
    customerId: `c${dice.whole(PERSONS)}`,
    occurredAt: '2026-03-05T00:00:00Z',
  }));
  await intakeIdentities(pool, programId, merges);
  const [merge] = await world.rows<{ id: string }>(
    'select id from identity_merge where refused_reason is null limit 1',
  );
  await inTransaction(pool, programId, (tx) => undoMerge(tx, { mergeId: merge!.id, reason: 'wrong', by: 'system' }));
  for (const touchpointId of ids.filter(() => dice.whole(15) === 0))
    await inTransaction(pool, programId, (tx) =>
      voidTouchpoint(tx, { touchpointId, reason: 'bot', approvedBy: 'usr' }),
    );
  for (let sale = 0; sale < SALES; sale += 1) {
    const identity = { identity: { customerId: `c${dice.whole(PERSONS)}` } };
    await world.sale(
      `s${sale}`,
      1 + dice.whole(100_000),
      march(dice, 40),
      sale % 40 === 7 ? { ...identity, parentExternalId: 's0' } : identity,
    );
    if (sale % 9 === 0) await world.refund(`r${sale}`, `s${sale}`, sale % 2 === 0 ? null : 1 + dice.whole(100));
  }
}

const POLICIES: Policy[] = [
  aPolicy(),
  aPolicy({ model: { kind: 'last' }, exclusions: [{ channel: 'email', mode: 'unless-only' }] }),
  aPolicy({ model: { kind: 'position' }, transforms: ['collapse-repeats'], perPartnerShare: 0.5 }),
  aPolicy({
    model: { kind: 'time-decay', halfLife: 'P7D' },
    multipliers: [{ partnerType: 'agency', factor: 1.5 }],
    lookback: { default: 'P20D', byKind: { view: 'P3D' } },
  }),
];

/** Credits by the plain way: one line per credit, of every conversion that the fast path may credit. */
async function plainly(tx: Tx, ids: readonly string[], policy: Policy): Promise<string[]> {
  const facts = await loadCreditFacts(tx, ids, { horizon: FAR, sealedAt: FAR, isEvidenceUnlimited: true });
  return facts.conversions
    .filter(({ parentExternalId }) => parentExternalId === null)
    .flatMap((conversion) => {
      const { credits } = computeCredit({ ...creditFactsOf(facts, conversion.id), policy });
      return credits.map(({ beneficiary, channel, shareE12, minor }) =>
        [conversion.id, beneficiary.kind, beneficiary.id, channel, shareE12, minor].join(' '),
      );
    })
    .sort();
}

async function allIds(): Promise<string[]> {
  return (await world.rows<{ id: string }>('select id from conversion order by id')).map(({ id }) => id);
}

describe('journeys read as arrays', () => {
  it(`are credited as the plain way credits them, with merges, voids, refunds and contracts of every kind (seed ${SEED})`, async () => {
    const ids = await allIds();
    await inTransaction(pool, world.programId, async (tx) => {
      const scopes = ids.map((conversionId) => ({ conversionId, before: FAR }));
      const size = await sliceOfScopes(tx, scopes, FAR);
      expect(size).toBe(SALES);
      const reach = Math.max(reachMicros(POLICIES), await contractReachMicros(tx));
      const journeys = await new JourneyReader(FAR).read(tx, size, reach);
      for (const policy of POLICIES) {
        const rule = new RuleColumns(policy);
        const credits = new CreditColumns();
        new Crediter().creditAll(journeys, rule, credits);
        const lines = Array.from({ length: credits.length }, (_, at) => {
          const { beneficiary, channel } = rule.claimants[credits.claimant[at]!]!;
          const id = ids[credits.conversion[at]!]!;
          const line = [id, beneficiary.kind, beneficiary.id, channel, credits.shareE12[at], credits.minor[at]].join(
            ' ',
          );
          return journeys.isSpecial[credits.conversion[at]!] === 1 ? [] : [line];
        });
        expect(lines.flat().sort()).toEqual(await plainly(tx, ids, policy));
      }
      expect(journeys.isSpecial.reduce((sum, one) => sum + one, 0)).toBe(3);
    });
  });

  it('are left in the database where they do not fit into memory, and credited, explained and named the same', async () => {
    const ids = (await allIds()).filter((_, index) => index % 3 === 0);
    const compare = async (tx: Tx) => {
      const reading = { horizon: FAR, sealedAt: FAR, isEvidenceUnlimited: true, creditedUnder: POLICIES };
      const facts = await loadCreditFacts(tx, ids, reading);
      const long = await loadCreditFacts(tx, ids, { ...reading, mostTouchpoints: 0 });
      expect(long.journeys.size).toBe(0);
      expect(long.left.size).toBe(facts.journeys.size);
      for (const [id, left] of long.left) {
        for (const policy of POLICIES) {
          const own = { ...creditFactsOf(facts, id), policy };
          const plain = computeCredit(own);
          const quick = (await computeLongCredit(tx, { ...own, touchpoints: [] }, left, 1_000))!;
          expect(storedCredits(own.conversion, quick.credits, 1, null)).toEqual(toStoredCredits(own, plain, 1, null));
          expect(quick.ageFault).toBe(plain.ageFault);
          const seen = plain.touchpoints.filter(({ reason }) => reason !== 'voided');
          expect(quick.touchpoints).toEqual(seen);
          expect(quick.count).toBe(seen.length);
        }
      }
    };
    await inTransaction(pool, world.programId, compare, { timeoutMs: 60_000 });
  });

  it('are written as credit rows, with the sub-id of the last touchpoint that earned each', async () => {
    const ids = (await allIds()).slice(0, 50);
    const named = [null, 'sub', 'a "b" \\ {c},NULL', 'NULL', '', 'käse 🧀', 'x'.repeat(200)];
    const expected = await inTransaction(pool, world.programId, async (tx) => {
      const facts = await loadCreditFacts(tx, ids, { horizon: FAR, sealedAt: FAR, isEvidenceUnlimited: true });
      const credits = facts.conversions.toReversed().flatMap(({ id }, index) => {
        const own = { ...creditFactsOf(facts, id), policy: POLICIES[0]!, parentCredits: null };
        const rule = index % 3 === 0 ? null : { policyId: `pol_${index % 2}`, evaluationId: index % 2 ? 'eva' : null };
        return toStoredCredits(own, computeCredit(own), 90 + (index % 2), rule).map((credit, at) => ({
          ...credit,
          // Whatever senders may say; half of them as the journey has it.
          ...(index % 2 ? {} : { contentId: named[(index + at) % 7]!, subId: named[(index + at + 3) % 7]! }),
        }));
      });
      await insertCredits(tx, credits, 3);
      await insertCredits(tx, [], 3);
      return credits;
    });
    expect(expected.some(({ generation, subId }) => generation === 91 && subId !== null)).toBe(true);
    const stored = await world.rows<StoredCredit & Record<string, unknown>>(
      `select conversion_id as "conversionId", conversion_at as "conversionAt", generation,
         json_build_object('kind', beneficiary_kind, 'id', beneficiary_id) as beneficiary, channel, share_e12 as "shareE12", value_minor as minor,
         currency, policy_id as "policyId", evaluation_id as "evaluationId", content_id as "contentId", sub_id as "subId"
       from credit where generation >= 90 and epoch = 3`,
    );
    const inOrder = (credits: readonly StoredCredit[]) => credits.map((credit) => JSON.stringify(credit)).sort();
    expect(inOrder(stored)).toEqual(inOrder(expected));
  });

  it('hold nothing that lies beyond the longest lookback', async () => {
    await inTransaction(pool, world.programId, async (tx) => {
      expect(await contractReachMicros(tx)).toBe(60 * 86_400_000_000);
      const scopes = (await allIds()).map((conversionId) => ({ conversionId, before: FAR }));
      const size = await sliceOfScopes(tx, scopes, FAR);
      const day = 86_400_000_000;
      const journeys = await new JourneyReader(FAR).read(tx, size, day);
      for (let conversion = 0; conversion < size; conversion += 1) {
        const ages = journeys.touchedAt
          .subarray(journeys.start[conversion], journeys.start[conversion + 1])
          .map((at) => journeys.at[conversion]! - at);
        expect(ages.every((age) => age >= 0 && age <= day)).toBe(true);
      }
      expect(journeys.touchedAt.length).toBeGreaterThan(0);
    });
  });
});
