import { expect, it } from '@jest/globals';
import { auditProgram } from '../../../audit/run.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import type { Pool } from '../../../db/pool.ts';
import { getStudy } from '../../../db/queries/study.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

/** More than a study prices in one transaction. */
const SALES = 520;
const PLANS: [string, Terms['plan'], number][] = [
  // Ten percent of 10.00 each, up to 100.00.
  [
    'a cap',
    { rules: [{ kind: 'percentage', basisPoints: 1_000 }], windowCap: { minor: 10_000, currency: 'EUR' } },
    10_000,
  ],
  // One percent of the first 5,000.00, ten of the other 200.00.
  [
    'tiers',
    {
      rules: [
        {
          kind: 'tiered',
          tiers: [
            { above: { minor: 0, currency: 'EUR' }, basisPoints: 100 },
            { above: { minor: 500_000, currency: 'EUR' }, basisPoints: 1_000 },
          ],
        },
      ],
    },
    7_000,
  ],
];

let pool: Pool;
useTestPool((opened) => (pool = opened));

it.each(PLANS)(
  'a window with %s that a partner wins is priced as one, however many steps its lines take',
  async (_, plan, won) => {
    const { programId } = await aProgram(pool, { policy: { ...LINEAR, name: 'Last', model: { kind: 'last' } } });
    const world = new StudyWorld(pool, programId);
    const winner = (await aPartner(pool, programId, { terms: { ...tenPercent(), plan } })).partnerId;
    const loser = (await aPartner(pool, programId)).partnerId;
    const sales = Array.from({ length: SALES }, (_unused, k) => ({ id: k, identity: { customerId: `c${k}` } }));
    for (const [partnerId, occurredAt] of [
      [winner, '2026-03-01T00:00:00Z'],
      [loser, '2026-03-02T00:00:00Z'],
    ] as const)
      await intakeTouchpoints(
        pool,
        programId,
        sales.map(({ id, identity }) => ({ id: `${partnerId}-${id}`, kind: 'click', identity, partnerId, occurredAt })),
      );
    const sale = { type: 'purchase', value: { minor: 1_000, currency: 'EUR' }, occurredAt: '2026-03-10T00:00:00Z' };
    await intakeConversions(
      pool,
      programId,
      sales.map(({ id, identity }) => ({ ...sale, externalId: `s${id}`, identity })),
    );
    await world.drain();
    const studied = await world.studied(FIRST);
    const [line] = await world.rows(
      `select sum(commission_before_minor)::bigint as before, sum(commission_after_minor)::bigint as after
       from study_line where study_id = $1 and beneficiary_id = $2`,
      [studied.id, winner],
    );
    expect(line).toEqual({ before: 0, after: won });

    await world.reevaluate(await world.draft({ ...FIRST, name: 'First, carried out' }));
    await world.drain();
    expect(
      await world.rows(
        `select kind, sum(amount_minor)::bigint as minor from commission
         where partner_id = $1 and amount_minor <> 0 group by kind`,
        [winner],
      ),
    ).toEqual([{ kind: 'adjustment', minor: won }]);
    // What it reads is what stood at its cut, whatever was carried out since.
    const repeated = await world.repeated(studied.id);
    const { digest } = await world.tx((tx) => getStudy(tx, studied.id));
    expect(digest).toEqual(expect.any(String));
    expect(repeated.digest).toBe(digest);
    const audit = await auditProgram({ pool, client: null, providerUrl: null }, programId);
    expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
  },
  120_000,
);
