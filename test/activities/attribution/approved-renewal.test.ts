import { expect, it } from '@jest/globals';
import { createHoldActivities } from '../../../activities/hold.ts';
import { auditProgram } from '../../../audit/run.ts';
import { addTouchpoint, voidTouchpoint } from '../../../db/intake/correction.ts';
import { newId } from '../../../db/ids.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertHold } from '../../../db/queries/hold.ts';
import type { Policy } from '../../../domain/attribution/policy.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { StudyWorld } from './study-world.ts';
import { poolDeps } from '../../support/pool-deps.ts';

const WHOLE = { ...tenPercent(), plan: { rules: [{ kind: 'percentage' as const, basisPoints: 10_000 }] } };
const LAST: Policy = { ...LINEAR, name: 'Last', model: { kind: 'last' } };
const QUARTER_MS = 93 * 86_400_000;
const SALE_AT = '2026-03-10T00:00:00Z';

let pool: Pool;
useTestPool((opened) => (pool = opened));

interface Told {
  world: StudyWorld;
  partners: string[];
}

/** Three partners, of whom two touched a sale; a renewal of it by another person, and a renewal of that; nothing is locked yet. */
async function renewals(): Promise<Told> {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const partners: string[] = [];
  for (let no = 0; no < 3; no += 1) partners.push((await aPartner(pool, programId, { terms: WHOLE })).partnerId);
  await world.touch(
    { id: 't0', partnerId: partners[0], occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't1', partnerId: partners[1], occurredAt: '2026-03-02T00:00:00Z' },
  );
  await world.sale('s0', 1_000, SALE_AT);
  for (const no of [1, 2])
    await world.sale(`s${no}`, 1_000, `2026-04-0${no}T00:00:00Z`, {
      parentExternalId: `s${no - 1}`,
      identity: { customerId: `renewal-${no}` },
    });
  await world.drain();
  return { world, partners };
}

async function lock({ world }: Told): Promise<void> {
  world.now = new Date(Date.parse(world.now) + QUARTER_MS).toISOString();
  await world.drain();
}

async function creditsOf({ world, partners }: Told, order: string): Promise<number[]> {
  const credits = await world.credits(order);
  return partners.map((id) => credits[id] ?? 0);
}

/** What each partner has by the books, goodwill left out and goodwill alone. */
async function earnings({ world, partners }: Told): Promise<{ commission: number[]; goodwill: number[] }> {
  const rows = await world.rows<{ id: string; goodwill: number; commission: number }>(
    `select partner_id as id, coalesce(sum(amount_minor) filter (where kind = 'goodwill'), 0)::bigint as goodwill,
       coalesce(sum(amount_minor) filter (where kind <> 'goodwill'), 0)::bigint as commission
     from commission group by 1`,
  );
  const of = (field: 'goodwill' | 'commission') =>
    partners.map((id) => rows.find((row) => row.id === id)?.[field] ?? 0);
  return { commission: of('commission'), goodwill: of('goodwill') };
}

async function isSound({ world }: Told): Promise<void> {
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
  expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
}

function voided({ world }: Told, touchpointId: string): Promise<void> {
  return world.tx((tx) => voidTouchpoint(tx, { touchpointId, reason: 'wrong order', approvedBy: 'per_x' }));
}

/** A person confirms a hold on what a partner has of an order. */
async function confirmed({ world, partners }: Told, order: string, no: number): Promise<void> {
  const [sale] = await world.rows<{ id: string }>('select id from conversion where external_id = $1', [order]);
  const id = newId('hold');
  const hold = { id, partnerId: partners[no]!, commissionId: null, conversionId: sale!.id, reason: 'fraud' };
  await world.tx((tx) => insertHold(tx, { ...hold, untilAt: null, placedBy: 'per_x', placedAt: world.now }));
  const { confirmHold } = createHoldActivities(poolDeps(pool));
  const decision = {
    programId: world.programId,
    subjectId: id,
    by: { kind: 'person', id: 'per_x' },
    outcome: 'confirm',
  } as Parameters<typeof confirmHold>[0];
  await confirmHold(decision);
  await confirmHold(decision);
}

it('takes a voided touchpoint of a sale out of its locked renewals', async () => {
  const told = await renewals();
  await lock(told);
  await voided(told, 't0');
  await told.world.drain();
  for (const order of ['s0', 's1', 's2']) expect(await creditsOf(told, order)).toEqual([0, 1_000, 0]);
  expect((await earnings(told)).commission).toEqual([0, 3_000, 0]);
  await isSound(told);
});

it('gives locked renewals what an approved addition to their sale gives', async () => {
  const told = await renewals();
  await lock(told);
  const added = { id: 't9', kind: 'click', identity: { customerId: 'c' }, occurredAt: '2026-03-03T00:00:00Z' };
  await addTouchpoint(pool, told.world.programId, { ...added, partnerId: told.partners[2] }, 'per_x');
  await told.world.drain();
  for (const order of ['s0', 's1', 's2']) {
    const credits = await creditsOf(told, order);
    expect(credits.toSorted()).toEqual([333, 333, 334]);
  }
  await isSound(told);
});

it('takes back what a partner has of a locked renewal of another person, when a hold on it is confirmed', async () => {
  const told = await renewals();
  await lock(told);
  await confirmed(told, 's2', 0);
  await told.world.drain();
  expect(await creditsOf(told, 's2')).toEqual([0, 1_000, 0]);
  expect((await earnings(told)).commission).toEqual([0, 3_000, 0]);
  await isSound(told);
});

it('keeps a locked renewal by its own rule when its sale alone is evaluated anew; what is approved then reaches both', async () => {
  const told = await renewals();
  const { world, partners } = told;
  await lock(told);
  world.until = '2026-03-20T00:00:00Z';
  await world.reevaluate(await world.draft(LAST));
  await world.drain();
  expect(await creditsOf(told, 's0')).toEqual([0, 1_000, 0]);
  for (const order of ['s1', 's2']) expect(await creditsOf(told, order)).toEqual([500, 500, 0]);
  await world.refund('r1', 's1', 100);
  await world.drain();
  expect(await creditsOf(told, 's1')).toEqual([450, 450, 0]);
  // Moves the renewals, and not the sale.
  await voided(told, 't0');
  await world.drain();
  expect(await creditsOf(told, 's0')).toEqual([0, 1_000, 0]);
  expect(await creditsOf(told, 's1')).toEqual([0, 900, 0]);
  const added = { id: 't9', kind: 'click', identity: { customerId: 'c' }, occurredAt: '2026-03-03T00:00:00Z' };
  await addTouchpoint(pool, world.programId, { ...added, partnerId: partners[2] }, 'per_x');
  await world.drain();
  expect(await creditsOf(told, 's0')).toEqual([0, 0, 1_000]);
  expect(await creditsOf(told, 's1')).toEqual([0, 450, 450]);
  expect(await creditsOf(told, 's2')).toEqual([0, 500, 500]);
  await isSound(told);
});

it('takes back goodwill that was given for a sale, and gives none after it, when a hold on the sale is confirmed', async () => {
  const told = await renewals();
  const { world } = told;
  await lock(told);
  // Under `last` the first partner loses 500 of each order, which is waived.
  await world.reevaluate(await world.draft(LAST), 'waive');
  await world.drain();
  expect(await earnings(told)).toEqual({ commission: [0, 3_000, 0], goodwill: [1_500, 0, 0] });
  await confirmed(told, 's1', 0);
  await world.drain();
  expect((await earnings(told)).goodwill).toEqual([1_000, 0, 0]);
  await confirmed(told, 's0', 0);
  await confirmed(told, 's2', 0);
  await world.drain();
  expect(await earnings(told)).toEqual({ commission: [0, 3_000, 0], goodwill: [0, 0, 0] });
  await isSound(told);
});

it('gives no goodwill for what a hold took after the evaluation was carried out, and before it was posted', async () => {
  const told = await renewals();
  const { world } = told;
  await lock(told);
  const { evaluationId, studyId } = await world.evaluation(await world.draft(LAST), 'waive');
  await world.cut(evaluationId);
  await world.run(studyId);
  await world.execute(evaluationId);
  await confirmed(told, 's0', 0);
  await world.post(evaluationId);
  await world.drain();
  expect(await earnings(told)).toEqual({ commission: [0, 3_000, 0], goodwill: [1_000, 0, 0] });
  await isSound(told);
});

it('takes back goodwill that was given for a sale which is wholly given back, and leaves it where a part is', async () => {
  const told = await renewals();
  const { world } = told;
  await lock(told);
  await world.reevaluate(await world.draft(LAST), 'waive');
  await world.refund('r0', 's0', null);
  await world.refund('r1', 's1', 400);
  await world.drain();
  expect(await earnings(told)).toEqual({ commission: [0, 1_600, 0], goodwill: [1_000, 0, 0] });
  await isSound(told);
});
