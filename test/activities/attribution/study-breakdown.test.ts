import { describe, expect, it } from '@jest/globals';
import type { Pool } from '../../../db/pool.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { STUDY_GROUPS, sumByBeneficiary, sumByFact } from '../../../db/queries/study-sum.ts';
import type { StudyGroup } from '../../../db/queries/study-sum.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

describe('the breakdowns of a study', () => {
  it('split it by the facts of the time, in its own currencies and the program’s, and sum to its totals', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const creator = (await aPartner(pool, programId)).partnerId;
    const agency = (await aPartner(pool, programId, { type: 'agency', currency: 'JPY' })).partnerId;
    await world.rows(
      `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, market_code, received_at)
       select program_id, partner_id, '2026-02-20T00:00:00Z', language, time_zone, currency, 'community', 'JP', received_at
       from partner_profile where partner_id = $1`,
      [agency],
    );
    await world.tx((tx) =>
      putFxRates(tx, [
        { base: 'JPY', quote: 'EUR', day: '2026-02-10', rate: '0.0061', source: 'test' },
        { base: 'JPY', quote: 'EUR', day: '2026-02-25', rate: '0.0062', source: 'test' },
        { base: 'EUR', quote: 'JPY', day: '2026-02-10', rate: '163.9', source: 'test' },
        { base: 'EUR', quote: 'JPY', day: '2026-02-25', rate: '161.3', source: 'test' },
      ]),
    );
    for (const customerId of ['c', 'e']) {
      await world.touch(
        {
          id: `c-${customerId}`,
          partnerId: creator,
          channel: 'video',
          occurredAt: '2026-02-01T00:00:00Z',
          identity: { customerId },
        },
        {
          id: `a-${customerId}`,
          partnerId: agency,
          channel: 'blog',
          occurredAt: '2026-02-02T00:00:00Z',
          identity: { customerId },
        },
        {
          id: `m-${customerId}`,
          channel: 'system_email',
          occurredAt: '2026-02-03T00:00:00Z',
          identity: { customerId },
        },
      );
    }
    await world.sale('old', 9_000, '2026-02-10T00:00:00Z', { vertical: 'games' });
    await world.sale('new', 3_000, '2026-02-25T00:00:00Z', { identity: { customerId: 'e' }, type: 'trial' });
    await world.drain();
    const done = await world.studied({ ...LINEAR, name: 'Last', model: { kind: 'last' } });

    const figures = async (group: StudyGroup) =>
      (await world.tx((tx) => sumByFact(tx, done.id, group))).map(
        ({ key, shares, value, commission, commissionCurrency }) => [
          key,
          shares.before / 1e12,
          value.before,
          value.after,
          commission.before,
          commission.after,
          commissionCurrency,
        ],
      );
    const third = 0.333333333333;
    expect(await figures('partnerType')).toEqual([
      ['agency', third, 3_000, 0, 492, 0, 'JPY'],
      ['community', third, 1_000, 0, 161, 0, 'JPY'],
      ['creator', 2 * third + 2e-12, 4_000, 0, 400, 0, 'EUR'],
      [null, 2 * third, 4_000, 12_000, 0, 0, 'EUR'],
    ]);
    expect(await figures('market')).toEqual([
      ['JP', third, 1_000, 0, 161, 0, 'JPY'],
      [null, 4 * third + 2e-12, 8_000, 12_000, 400, 0, 'EUR'],
      [null, third, 3_000, 0, 492, 0, 'JPY'],
    ]);
    expect(await figures('channel')).toEqual([
      ['blog', 2 * third, 4_000, 0, 653, 0, 'JPY'],
      ['system_email', 2 * third, 4_000, 12_000, 0, 0, 'EUR'],
      ['video', 2 * third + 2e-12, 4_000, 0, 400, 0, 'EUR'],
    ]);
    expect((await figures('vertical')).map(([key, , before, after]) => [key, before, after])).toEqual([
      ['games', 6_000, 9_000],
      ['games', 3_000, 0],
      [null, 2_000, 3_000],
      [null, 1_000, 0],
    ]);
    expect((await figures('conversionType')).map(([key]) => key)).toEqual(['purchase', 'purchase', 'trial', 'trial']);
    for (const group of Object.keys(STUDY_GROUPS) as StudyGroup[]) {
      const sums = await world.tx((tx) => sumByFact(tx, done.id, group));
      const total = (by: (sum: (typeof sums)[number]) => number) => sums.reduce((all, sum) => all + by(sum), 0);
      expect([group, total((sum) => sum.programValue.before), total((sum) => sum.programValue.after)]).toEqual([
        group,
        12_000,
        12_000,
      ]);
      // 4.00 EUR, 492 JPY at 0.0061 and 161 JPY at 0.0062.
      expect([group, total((sum) => sum.programCommission.before)]).toEqual([group, 400 + 300 + 100]);
    }
    expect(done.totals).toMatchObject({
      commission: { before: { minor: 800, currency: 'EUR' }, after: { minor: 0 } },
      unconverted: [],
    });
  });

  it('tell value and commission without a rate apart: they are no sum', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const { partnerId } = await aPartner(pool, programId, { currency: 'JPY' });
    await world.touch(
      { id: 't', partnerId, channel: 'video', occurredAt: '2026-02-01T00:00:00Z' },
      { id: 'm', channel: 'system_email', occurredAt: '2026-02-02T00:00:00Z' },
    );
    await world.sale('s', 9_000, '2026-02-10T00:00:00Z', { value: { minor: 9_000, currency: 'JPY' } });
    await world.drain();
    const nothing = { minor: 0, currency: 'EUR' };
    const left = { value: { before: nothing, after: nothing }, commission: { before: nothing, after: nothing } };
    const yen = (minor: number) => [{ minor, currency: 'JPY' }];
    // The partner has half before; under the draft all, or nothing.
    const { totals } = await world.studied(FIRST);
    expect(totals).toEqual({
      ...left,
      unconverted: yen(9_000),
      unconvertedCommission: yen(900),
      unconvertedBefore: yen(9_000),
      unconvertedCommissionBefore: yen(450),
    });
    const last = await world.studied({ ...LINEAR, name: 'Last', model: { kind: 'last' } });
    expect(last.totals).toEqual({ ...totals, unconvertedCommission: [] });
    // Nothing is left of the commission, and it is known to be no sum all the same.
    const [kept] = await world.tx((tx) => sumByFact(tx, last.id, 'partnerType'));
    expect(kept).toMatchObject({ key: 'creator', commissionWithoutRate: { before: 450, after: 0 } });
  });

  it('count a conversion once in a group however many of its lines are there, and take a partner on several channels apart', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const a = (await aPartner(pool, programId)).partnerId;
    const b = (await aPartner(pool, programId)).partnerId;
    await world.touch(
      { id: 'a1', partnerId: a, channel: 'video', occurredAt: '2026-02-01T00:00:00Z' },
      { id: 'a2', partnerId: a, channel: 'blog', occurredAt: '2026-02-02T00:00:00Z' },
      { id: 'b1', partnerId: b, channel: 'video', occurredAt: '2026-02-03T00:00:00Z' },
    );
    await world.sale('old', 9_000, '2026-02-10T00:00:00Z');
    await world.drain();
    const { id } = await world.studied({ ...LINEAR, name: 'Last', model: { kind: 'last' } });
    const figures = async (group: StudyGroup) =>
      (await world.tx((tx) => sumByFact(tx, id, group))).map(
        ({ key, conversions, value, programCommission, valueWithoutRate }) => [
          key,
          conversions,
          value.before,
          value.after,
          programCommission.before,
          programCommission.after,
          valueWithoutRate,
        ],
      );
    expect(await figures('partnerType')).toEqual([['creator', 1, 9_000, 9_000, 900, 900, null]]);
    expect(await figures('conversionType')).toEqual([['purchase', 1, 9_000, 9_000, 900, 900, null]]);
    expect(await figures('channel')).toEqual([
      ['blog', 1, 3_000, 0, 300, 0, null],
      ['video', 1, 6_000, 9_000, 600, 900, null],
    ]);
    const lines = await world.tx((tx) => sumByBeneficiary(tx, id));
    expect(new Map(lines.map((line) => [line.id, [line.conversions, line.commission.before, line.type]]))).toEqual(
      new Map([
        [a, [1, 600, 'creator']],
        [b, [1, 300, 'creator']],
      ]),
    );
  });

  it('give a line that has no window of its own the state of its conversion at the cut', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const { partnerId } = await aPartner(pool, programId);
    await world.touch(
      { id: 'p', partnerId, channel: 'video', occurredAt: '2026-02-01T00:00:00Z' },
      { id: 'm', channel: 'system_email', occurredAt: '2026-02-02T00:00:00Z' },
    );
    await world.sale('s', 9_000, '2026-02-10T00:00:00Z');
    await world.drain();
    const { id } = await world.studied({ ...LINEAR, name: 'Last', model: { kind: 'last' } });
    const statesIfLocked = async (beside: string | null) => {
      await world.rows(
        'update conversion_state set locks_at = (select cut_at from study where id = $1) + $2::interval where program_id = $3',
        [id, beside, programId],
      );
      const sums = await world.tx((tx) => sumByFact(tx, id, 'windowState'));
      return sums.map(({ key, conversions, value }) => [key, conversions, value.before, value.after]);
    };
    const open = [['open', 1, 9_000, 9_000]];
    // The half that was the partner's has a window, which is open; the mail's has none.
    const half = [
      ['locked', 1, 4_500, 9_000],
      ['open', 1, 4_500, 0],
    ];
    expect(await statesIfLocked(null)).toEqual(open);
    expect(await statesIfLocked('-1 day')).toEqual(half);
    // Instants are counted in microseconds; what locks at the very cut is locked, as a window is.
    expect(await statesIfLocked('0')).toEqual(half);
    expect(await statesIfLocked('1 microsecond')).toEqual(open);
  });
});
