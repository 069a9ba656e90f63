import { describe, expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { cancelReevaluationRun } from '../../../activities/attribution/reevaluation-run.ts';
import { voidTouchpoint } from '../../../db/intake/correction.ts';
import type { Pool } from '../../../db/pool.ts';
import { auditProgram } from '../../../audit/run.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { aStory, FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

describe('a re-evaluation', () => {
  it('posts each line once into the open window, to the cent of its study, and supersedes the credits', async () => {
    const { world, a, b } = await aStory(pool);
    const evaluationId = await world.reevaluate(await world.draft(FIRST));
    const rows = await world.rows<{ partner_id: string; minor: number; open: boolean }>(
      `select m.partner_id, m.amount_minor as minor, w.locks_at > (select sealed_at from program_clock) as open
       from commission m join attribution_window w on w.id = m.window_id where m.evaluation_id = $1 order by m.amount_minor`,
      [evaluationId],
    );
    expect(rows).toEqual([
      { partner_id: b, minor: -600, open: true },
      { partner_id: b, minor: -100, open: true },
      { partner_id: a, minor: 100, open: true },
      { partner_id: a, minor: 600, open: true },
    ]);
    expect(await world.credits('old')).toEqual({ [a]: 12_000 });
    expect(await world.rows('select distinct evaluation_id from conversion_state')).toEqual([
      { evaluation_id: evaluationId },
    ]);
    expect(await world.rows(`select kind, count(*) as n from commission group by 1 order by 1`)).toEqual([
      { kind: 'adjustment', n: 4 },
      { kind: 'earned', n: 4 },
    ]);
  });

  it('posts nothing under an unchanged policy', async () => {
    const { world } = await aStory(pool);
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Same' }));
    expect(await world.rows(`select 1 from commission where kind <> 'earned'`)).toEqual([]);
  });

  it('takes goodwill back where the partner earns after all what was waived', async () => {
    const { world, a, b } = await aStory(pool);
    await world.reevaluate(await world.draft(FIRST), 'waive');
    expect([await world.balance('pending', b), await world.balance('goodwill')]).toEqual([700, -700]);
    await world.tx((tx) => voidTouchpoint(tx, { touchpointId: 'a1', reason: 'not theirs', approvedBy: 'per_x' }));
    await world.drain();
    // The old sale is all of b now: 600 that were earned, 600 more, and the goodwill of 600 is over.
    expect(
      await world.rows(
        `select m.kind, m.amount_minor as minor from commission m join conversion c on c.id = m.conversion_id
         where m.partner_id = $1 and c.external_id = 'old' order by m.revision`,
        [b],
      ),
    ).toEqual([
      { kind: 'earned', minor: 600 },
      { kind: 'adjustment', minor: -600 },
      { kind: 'goodwill', minor: 600 },
      { kind: 'earned', minor: 1_200 },
      { kind: 'goodwill', minor: -600 },
    ]);
    expect([await world.balance('pending', a), await world.balance('pending', b)]).toEqual([200, 1_300]);
    expect(await world.balance('goodwill')).toBe(-100);
    const audit = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
    expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
  });

  it('leaves the goodwill of an older waiver where a newer fall that was recovered comes back', async () => {
    const { world, b } = await aStory(pool);
    await world.reevaluate(await world.draft(FIRST), 'waive');
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Linear again' }), 'recover');
    expect([await world.balance('pending', b), await world.balance('goodwill')]).toEqual([700, 0]);
    const last = { ...LINEAR, name: 'Last', model: { kind: 'last' as const } };
    await world.reevaluate(await world.draft(last), 'recover');
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Down, waived' }), 'waive');
    await world.reevaluate(await world.draft({ ...FIRST, name: 'Down, recovered' }), 'recover');
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Up' }), 'recover');
    // 700 earned under `linear`, and the other 700 of `last` that were waived.
    expect([await world.balance('pending', b), await world.balance('goodwill')]).toEqual([1_400, -700]);
  });

  it.each(['recover', 'waive'] as const)('nets to zero from A to B and back to A under %s', async (downward) => {
    const { world, a, b } = await aStory(pool);
    await world.reevaluate(await world.draft(FIRST), downward);
    expect(await world.balance('pending', b)).toBe(downward === 'waive' ? 700 : 0);
    expect(await world.balance('pending', a)).toBe(1_400);
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Back' }), downward);
    const sums = await world.rows(
      `select partner_id, sum(amount_minor) filter (where kind <> 'goodwill')::bigint as earned from commission group by 1`,
    );
    expect(sums).toEqual(
      expect.arrayContaining([
        { partner_id: a, earned: 700 },
        { partner_id: b, earned: 700 },
      ]),
    );
    expect(await world.balance('pending', b)).toBe(700);
    expect(await world.balance('goodwill')).toBe(downward === 'waive' ? -700 : 0);
  });

  it('books goodwill given and goodwill taken back apart, also where both are the same amount', async () => {
    const { programId } = await aProgram(pool);
    const world = new StudyWorld(pool, programId);
    const { partnerId: a } = await aPartner(pool, programId);
    const { partnerId: b } = await aPartner(pool, programId);
    // Under the first touchpoint each loses one sale and wins the other; back under both touchpoints it is the other way round.
    await world.touch(
      { id: 'a1', partnerId: a, occurredAt: '2026-02-01T00:00:00Z' },
      { id: 'b1', partnerId: b, occurredAt: '2026-02-02T00:00:00Z' },
      { id: 'b2', partnerId: b, occurredAt: '2026-02-01T00:00:00Z', identity: { customerId: 'd' } },
      { id: 'a2', partnerId: a, occurredAt: '2026-02-02T00:00:00Z', identity: { customerId: 'd' } },
    );
    await world.sale('x', 12_000, '2026-02-10T00:00:00Z');
    await world.sale('y', 12_000, '2026-02-10T00:00:00Z', { identity: { customerId: 'd' } });
    await world.drain();
    await world.reevaluate(await world.draft(FIRST), 'waive');
    await world.reevaluate(await world.draft({ ...LINEAR, name: 'Back' }), 'waive');
    const goodwill = await world.rows(
      `select m.amount_minor as minor, e.kind, p.side
       from commission m
       left join ledger_entry e on e.id = m.entry_id
       left join ledger_posting p on p.entry_id = e.id and p.account = 'goodwill' and p.amount_minor = abs(m.amount_minor)
       where m.kind = 'goodwill' and m.partner_id = $1 order by m.amount_minor`,
      [a],
    );
    expect(goodwill).toEqual([
      { minor: -600, kind: 'waived', side: 'credit' },
      { minor: 600, kind: 'waived', side: 'debit' },
      { minor: 600, kind: 'waived', side: 'debit' },
    ]);
    expect(await world.rows('select id from commission where amount_minor <> 0 and entry_id is null')).toEqual([]);
    expect([await world.balance('pending', a), await world.balance('pending', b)]).toEqual([1_800, 1_800]);
    expect(await world.balance('goodwill')).toBe(-1_200);
    const audit = await auditProgram({ pool, client: null, providerUrl: null }, programId);
    expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
  });

  it('keeps news apart: a refund between cut and execution is no part of the lines, and the end is right', async () => {
    const { world, a, b } = await aStory(pool);
    const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
    await world.cut(evaluationId);
    await world.refund('r1', 'new', 1_000);
    await world.drain();
    await world.run(studyId);
    await world.execute(evaluationId);
    await world.refund('r2', 'old', 2_000);
    await world.post(evaluationId);
    await world.drain();
    const lines = await world.rows<{ minor: number }>(
      `select sum(amount_minor)::bigint as minor from commission where evaluation_id = $1 group by partner_id order by 1`,
      [evaluationId],
    );
    expect(lines).toEqual([{ minor: -700 }, { minor: 700 }]);
    expect([await world.commission(a, 'new'), await world.commission(b, 'new')]).toEqual([100, 0]);
    expect([await world.commission(a, 'old'), await world.commission(b, 'old')]).toEqual([1_000, 0]);
  });

  it('lets late evidence count for a locked sale, and shows it apart', async () => {
    const { world, a, b } = await aStory(pool);
    // The sales were received today, so their windows are the open ones: three months later they are locked.
    world.now = new Date(Date.parse(world.now) + 92 * 86_400_000).toISOString();
    await advanceBoundaries(pool, world.programId, { now: world.now });
    await world.touch({ id: 'c1', channel: 'tv', occurredAt: '2026-02-03T00:00:00Z' });
    await world.drain();
    expect(await world.credits('old')).toEqual({ [a]: 6_000, [b]: 6_000 });
    const evaluationId = await world.reevaluate(await world.draft({ ...LINEAR, name: 'Same' }));
    expect(await world.credits('old')).toEqual({ [a]: 4_000, [b]: 4_000, tv: 4_000 });
    const apart = await world.rows(
      `select count(*) as n from study_line l join evaluation e on e.study_id = l.study_id where e.id = $1 and l.from_late_evidence`,
      [evaluationId],
    );
    expect(apart).toEqual([{ n: 3 }]);
    expect(await world.commission(a, 'old')).toBe(400);
  });

  it('can be cancelled before it is carried out, and never after', async () => {
    const { world } = await aStory(pool);
    const { evaluationId } = await world.evaluation(await world.draft(FIRST));
    await world.cut(evaluationId);
    expect(
      await cancelReevaluationRun(pool, world.programId, evaluationId, { at: world.now, actor: { kind: 'system' } }),
    ).toBe(true);
    await expect(world.execute(evaluationId)).rejects.toMatchObject({
      code: 'conflict',
    });
    const done = await world.reevaluate(await world.draft({ ...FIRST, name: 'Second try' }));
    expect(await cancelReevaluationRun(pool, world.programId, done, { at: world.now, actor: { kind: 'system' } })).toBe(
      false,
    );
  });
});
