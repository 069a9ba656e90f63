import { expect, it } from '@jest/globals';
import { beginStudy, creditStudyShard } from '../../../activities/attribution/study-credit.ts';
import { priceStudyShard } from '../../../activities/attribution/study-price.ts';
import { finishStudy } from '../../../activities/attribution/study-run.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import type { Pool } from '../../../db/pool.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;

useTestPool((opened) => (pool = opened));

const SHARDS = 3;
const SALES = 90;

const at = (minute: number) => new Date(Date.UTC(2026, 1, 1) + minute * 60_000).toISOString();
const ruled = (plan: Partial<Terms['plan']>): Terms => {
  const terms = tenPercent();
  return { ...terms, plan: { ...terms.plan, ...plan } };
};

/** Partners whose commissions depend on each other's order in a window, sales that all of them touched, and a renewal of every third. */
async function aWorld() {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const tiers = [
    { above: { minor: 0, currency: 'EUR' }, basisPoints: 500 },
    { above: { minor: 20_000, currency: 'EUR' }, basisPoints: 2_000 },
  ];
  const partners: string[] = [];
  for (const terms of [
    tenPercent(),
    ruled({ windowCap: { minor: 6_000, currency: 'EUR' } }),
    ruled({ rules: [{ kind: 'tiered', tiers }] }),
  ])
    partners.push((await aPartner(pool, programId, { terms })).partnerId);
  const numbers = Array.from({ length: SALES }, (_, no) => no);
  const identity = (no: number) => ({ customerId: `c${no}` });
  await world.touch(
    ...numbers.flatMap((no) =>
      partners.map((partnerId, index) => ({
        id: `t${no}-${index}`,
        partnerId,
        identity: identity(no),
        occurredAt: at(no * 3 + (((no % 4) + index) % 3)),
      })),
    ),
  );
  const sale = (no: number) => ({
    externalId: `s${no}`,
    identity: identity(no),
    type: 'purchase',
    value: { minor: 1_000 + (no % 17) * 100, currency: 'EUR' },
    occurredAt: at(5_000 + no),
  });
  const renewal = (no: number) => ({
    ...sale(no),
    externalId: `r${no}`,
    type: 'renewal',
    parentExternalId: `s${no}`,
    occurredAt: at(9_000 + no),
  });
  const items = [...numbers.map(sale), ...numbers.filter((no) => no % 3 === 0).map(renewal)];
  const results = await intakeConversions(pool, programId, items);
  expect(results.every(({ status }) => status === 'accepted')).toBe(true);
  await world.drain();
  return world;
}

const shards = Array.from({ length: SHARDS }, (_, shard) => ({ shard, of: SHARDS }));

it('carries out in three shards, at the same time and one of them twice, what one piece gives, to the cent', async () => {
  const world = await aWorld();
  const { programId } = world;
  const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
  await world.cut(evaluationId);
  await beginStudy(pool, programId, studyId);
  const credited = await Promise.all(shards.map((shard) => creditStudyShard(pool, programId, studyId, shard)));
  expect(await creditStudyShard(pool, programId, studyId, shards[0]!)).toBe(0);
  const priced = await Promise.all(shards.map((shard) => priceStudyShard(pool, programId, studyId, shard)));
  const study = await finishStudy(pool, programId, studyId, world.now);

  expect(credited.filter((conversions) => conversions > 0)).toHaveLength(SHARDS);
  expect(priced.reduce((sum, lines) => sum + lines, 0)).toBeGreaterThan(SALES);
  expect(study).toMatchObject({ state: 'done', total: SALES * (4 / 3), conversions: SALES * (4 / 3) });
  const inOnePiece = await world.repeated(studyId);
  expect({ digest: inOnePiece.digest, totals: inOnePiece.totals }).toEqual({
    digest: study.digest,
    totals: study.totals,
  });

  await world.execute(evaluationId);
  await world.post(evaluationId);
  const sums = await world.rows<{ partner: string; posted: number; studied: number }>(
    `select l.beneficiary_id as partner, sum(l.commission_after_minor - l.commission_before_minor)::bigint as studied,
       (select sum(m.amount_minor)::bigint from commission m where m.evaluation_id = $1 and m.partner_id = l.beneficiary_id) as posted
     from study_line l where l.study_id = $2 and l.beneficiary_kind = 'partner'
     group by 1`,
    [evaluationId, studyId],
  );
  expect(sums).toHaveLength(3);
  for (const { posted, studied } of sums) expect(posted).toBe(studied);
  const { commission } = study.totals!;
  expect(sums.reduce((sum, { posted }) => sum + posted, 0)).toBe(commission.after.minor - commission.before.minor);
  expect(sums.every(({ posted }) => posted !== 0)).toBe(true);
});
