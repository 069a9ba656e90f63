import { describe, expect, it } from '@jest/globals';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import type { Pool } from '../../../db/pool.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { sumByBeneficiary } from '../../../db/queries/study-sum.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

/** What was posted with a sale, in order. */
const rowsOf = (world: StudyWorld, externalId: string) =>
  world.rows<{ who: string; kind: string; minor: number }>(
    `select m.partner_id as who, m.kind, m.amount_minor as minor
     from commission m join conversion c on c.id = m.conversion_id where c.external_id = $1 order by m.kind, m.amount_minor`,
    [externalId],
  );

/* The examples of attribution.md §9 that end in money, from the intake of their facts to the postings in the ledger. The first is in
   feed.test.ts, the second in two-calendars.test.ts. */
describe('the third example', () => {
  // 10 % where 100.00 or more was reported, else 5 %: a sale of 120.00 of which 30.00 came back, all of it then the first partner's.
  const rules = [
    { kind: 'percentage' as const, basisPoints: 1_000, when: { reportedAtLeast: { minor: 10_000, currency: 'EUR' } } },
    { kind: 'percentage' as const, basisPoints: 500 },
  ];

  it('is studied as 90.00, and carried out as 9.00', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const terms = { ...tenPercent(), plan: { rules } };
    const p1 = (await aPartner(pool, programId, { terms })).partnerId;
    const p2 = (await aPartner(pool, programId, { terms })).partnerId;
    await world.touch(
      { id: 't1', partnerId: p1, occurredAt: '2026-02-01T00:00:00Z' },
      { id: 't2', partnerId: p2, occurredAt: '2026-02-02T00:00:00Z' },
    );
    await world.sale('s', 12_000, '2026-02-10T00:00:00Z');
    // Of 90.00 as reported, 5 %: what the condition would say of the first if it read what remains.
    await world.sale('below', 9_000, '2026-02-10T00:00:00Z');
    await world.drain();
    await world.refund('r', 's', 3_000);
    await world.drain();
    // 10 % of 60.00 each, then of 45.00; 5 % of 45.00 each.
    expect(await world.credits('s')).toEqual({ [p1]: 4_500, [p2]: 4_500 });
    for (const who of [p1, p2]) {
      expect([await world.commission(who, 's'), await world.commission(who, 'below')]).toEqual([450, 225]);
      expect(await world.balance('pending', who)).toBe(675);
    }

    const policyId = await world.draft(FIRST);
    const study = await world.run(await world.study(policyId));
    const lines = await world.rows(
      `select l.beneficiary_id as who, l.value_before_minor as before, l.value_after_minor as after, l.commission_before_minor as earned,
         l.commission_after_minor as earns
       from study_line l join conversion c on c.id = l.conversion_id where l.study_id = $1 and c.external_id = 's' order by 3`,
      [study.id],
    );
    expect(lines).toEqual([
      { who: p2, before: 4_500, after: 0, earned: 450, earns: 0 },
      { who: p1, before: 4_500, after: 9_000, earned: 450, earns: 900 },
    ]);
    const sums = await world.tx((tx) => sumByBeneficiary(tx, study.id));
    expect(sums.find(({ id }) => id === p1)!.commission).toMatchObject({ before: 675, after: 1_350 });

    await world.reevaluate(policyId);
    expect(await world.credits('s')).toEqual({ [p1]: 9_000 });
    expect([await world.commission(p1, 's'), await world.commission(p2, 's')]).toEqual([900, 0]);
    expect([await world.commission(p1, 'below'), await world.commission(p2, 'below')]).toEqual([450, 0]);
    expect(await rowsOf(world, 's')).toEqual([
      { who: p2, kind: 'adjustment', minor: -450 },
      { who: p1, kind: 'adjustment', minor: 450 },
      { who: expect.any(String), kind: 'earned', minor: 600 },
      { who: expect.any(String), kind: 'earned', minor: 600 },
      { who: expect.any(String), kind: 'refund', minor: -150 },
      { who: expect.any(String), kind: 'refund', minor: -150 },
    ]);
    expect([await world.balance('pending', p1), await world.balance('pending', p2)]).toEqual([1_350, 0]);
  });
});

describe('the fourth example', () => {
  // A, e-mail, A, B: linear without e-mail, where what is the same twice in a row counts once. Half each.
  const NO_MAIL: Policy = {
    ...LINEAR,
    name: 'No mail',
    exclusions: [{ channel: 'email', mode: 'always' }],
    transforms: ['collapse-repeats'],
  };
  const HALF = 5_000;

  async function aPath(policy: Policy) {
    const { programId } = await aProgram(pool, { policy });
    const world = new StudyWorld(pool, programId);
    const a = (await aPartner(pool, programId)).partnerId;
    const b = (await aPartner(pool, programId)).partnerId;
    await world.touch(
      ...[{ partnerId: a }, { channel: 'email' }, { partnerId: a }, { partnerId: b }].map((touch, index) => ({
        id: `t${index}`,
        occurredAt: `2026-02-0${index + 1}T00:00:00Z`,
        ...touch,
      })),
    );
    const saleId = await world.sale('s', 2 * HALF, '2026-02-10T00:00:00Z');
    await world.drain();
    const reasons = async () =>
      (await world.tx((tx) => explainConversion(tx, saleId)))!.touchpoints.map(({ weight, reason }) => [
        weight,
        reason,
      ]);
    return { world, a, b, reasons };
  }
  const EXPLAINED = [
    [0, 'collapsed'],
    [0, 'excluded-channel'],
    [0.5, undefined],
    [0.5, undefined],
  ];

  it('is credited and posted half and half where the rule is in force', async () => {
    const { world, a, b, reasons } = await aPath(NO_MAIL);
    expect(await world.credits('s')).toEqual({ [a]: HALF, [b]: HALF });
    expect(await reasons()).toEqual(EXPLAINED);
    expect([await world.balance('pending', a), await world.balance('pending', b)]).toEqual([500, 500]);
  });

  it('is posted as the difference where the rule comes later', async () => {
    const { world, a, b, reasons } = await aPath(LINEAR);
    // Of four touchpoints A has two.
    expect(await world.credits('s')).toEqual({ [a]: HALF, [b]: 2_500, email: 2_500 });
    expect([await world.balance('pending', a), await world.balance('pending', b)]).toEqual([500, 250]);
    await world.reevaluate(await world.draft(NO_MAIL));
    expect(await world.credits('s')).toEqual({ [a]: HALF, [b]: HALF });
    expect(await reasons()).toEqual(EXPLAINED);
    expect(await rowsOf(world, 's')).toEqual([
      { who: b, kind: 'adjustment', minor: 250 },
      { who: b, kind: 'earned', minor: 250 },
      { who: a, kind: 'earned', minor: 500 },
    ]);
    expect([await world.balance('pending', a), await world.balance('pending', b)]).toEqual([500, 500]);
  });
});
