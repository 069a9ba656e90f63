import { expect, it } from '@jest/globals';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import { listFxRates, putFxRates } from '../../../db/queries/fx-rate.ts';
import { sumByBeneficiary } from '../../../db/queries/study-sum.ts';
import { aPartner, aProgram, LINEAR } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const put = (world: StudyWorld, yen: string, euros: string) =>
  world.tx((tx) =>
    putFxRates(tx, [
      { base: 'EUR', quote: 'JPY', day: '2026-02-10', rate: yen, source: 'test' },
      { base: 'JPY', quote: 'EUR', day: '2026-02-10', rate: euros, source: 'test' },
    ]),
  );

/** A sale of 100.00 that a partner paid in yen touched first and nobody pays for yet, and the rates of its day. */
async function aSaleInEuros() {
  const { programId } = await aProgram(pool, { policy: { ...LINEAR, name: 'Last', model: { kind: 'last' } } });
  const world = new StudyWorld(pool, programId);
  const { partnerId } = await aPartner(pool, programId, { currency: 'JPY' });
  await put(world, '160', '0.00625');
  await world.touch(
    { id: 'first', partnerId, occurredAt: '2026-02-01T00:00:00Z' },
    { id: 'last', channel: 'email', occurredAt: '2026-02-02T00:00:00Z' },
  );
  await world.sale('s1', 10_000, '2026-02-10T00:00:00Z');
  await world.drain();
  return { world, partnerId };
}

async function faults({ programId }: StudyWorld) {
  const rows = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  return rows.filter(({ result }) => result === 'fault');
}

it('reads rates as they were known at its cut, when one that no commission used is corrected afterwards', async () => {
  const { world, partnerId } = await aSaleInEuros();
  const { id, digest, totals } = await world.studied(FIRST);
  const lines = await world.tx((tx) => sumByBeneficiary(tx, id));
  expect(lines.find((line) => line.id === partnerId)!.commission.after).toBe(1_600);
  expect(totals!.commission.after).toEqual({ minor: 1_000, currency: 'EUR' });
  await put(world, '170', '0.00588');
  await put(world, '165', '0.00606');
  const again = await world.repeated(id);
  expect(again).toMatchObject({ state: 'done', digest, totals });
  expect(await world.tx((tx) => sumByBeneficiary(tx, id))).toEqual(lines);
  const { id: newer } = await world.studied(FIRST);
  const newLines = await world.tx((tx) => sumByBeneficiary(tx, newer));
  expect(newLines.find((line) => line.id === partnerId)!.commission.after).toBe(1_650);
  expect((await world.tx((tx) => listFxRates(tx, { limit: 10 }))).map(({ rate }) => rate)).toEqual(['165', '0.00606']);
});

it('is carried out at the rate of its cut, and a correction since is posted apart', async () => {
  const { world, partnerId } = await aSaleInEuros();
  const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
  await world.cut(evaluationId);
  await put(world, '165', '0.00606');
  await world.run(studyId);
  await world.execute(evaluationId);
  await world.post(evaluationId);
  await world.drain();
  expect(
    await world.rows('select kind, amount_minor as minor from commission where partner_id = $1 order by revision', [
      partnerId,
    ]),
  ).toEqual([
    { kind: 'adjustment', minor: 1_600 },
    { kind: 'earned', minor: 50 },
  ]);
  await expect(put(world, '170', '0.00588')).rejects.toMatchObject({ code: 'immutable' });
  expect(await faults(world)).toEqual([]);
});
