import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { createFeedbackCorrectionActivities } from '../../activities/feedback-correction.ts';
import { newId } from '../../db/ids.ts';
import type { Pool } from '../../db/pool.ts';
import { storeCommandInput } from '../../db/queries/command-input.ts';
import { insertCase } from '../../db/queries/feedback.ts';
import { inTransaction } from '../../db/transaction.ts';
import { poolDeps } from '../support/pool-deps.ts';
import { aPartner, aProgram } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const ADDED = { channel: 'video', kind: 'view', occurredAt: '2026-03-01T00:00:00Z' };

/** Two partners with an order each, and a renewal of the first one's; each order is of a person of its own. */
async function twoPartners() {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const [ours, theirs] = [await aPartner(pool, programId), await aPartner(pool, programId)];
  const touch = (id: string, customerId: string, more: object) =>
    world.touch({ id, identity: { customerId }, occurredAt: '2026-03-02T00:00:00Z', ...more });
  await touch('ours', 'one', { partnerId: ours.partnerId });
  await touch('mail', 'one', { channel: 'system_email' });
  await touch('theirs', 'two', { partnerId: theirs.partnerId });
  const sale = (id: string, customerId: string, more: object = {}) =>
    world.sale(id, 10_000, '2026-03-10T00:00:00Z', { identity: { customerId }, ...more });
  const orders = { one: await sale('one', 'one'), two: await sale('two', 'two') };
  const renewal = await sale('again', 'another', { parentExternalId: 'one' });
  return { world, partnerId: ours.partnerId, orders: { ...orders, renewal } };
}

/** What a decision on a case of the partner does. @returns whether it was carried out, and what is voided and added */
async function correct(
  { world, partnerId }: Awaited<ReturnType<typeof twoPartners>>,
  about: string | null,
  data: object,
): Promise<{ isCorrected: boolean; voided: string[]; added: number }> {
  const { programId } = world;
  const [feedbackId, commandId] = [newId('feedback'), randomUUID()];
  await inTransaction(pool, programId, async (tx) => {
    await insertCase(tx, {
      id: feedbackId,
      partnerId,
      kind: 'attribution',
      conversionId: about,
      workflowId: `feedback/${feedbackId}`,
      dueAt: '2026-04-01T00:00:00Z',
      openedAt: '2026-03-20T00:00:00Z',
    });
    const by = { kind: 'person' as const, id: 'per_x' };
    await storeCommandInput(tx, { id: commandId, kind: 'task.complete', subjectId: feedbackId, data: { data }, by });
  });
  const activities = createFeedbackCorrectionActivities(poolDeps(pool));
  const { isCorrected } = await activities.correctOrder({ programId, feedbackId, commandId, approvedBy: 'per_x' });
  const rows = await inTransaction(pool, programId, async (tx) => ({
    voided: (await tx.query<{ id: string }>('select touchpoint_id as id from touchpoint_void')).rows,
    added: (await tx.query('select from touchpoint where approved_by is not null')).rows.length,
  }));
  return { isCorrected, voided: rows.voided.map(({ id }) => id), added: rows.added };
}

it('a case voids what stands in the journey of its order, and of the order that this renews', async () => {
  const ground = await twoPartners();
  expect(await correct(ground, ground.orders.one, { voidTouchpointId: 'mail' })).toMatchObject({ isCorrected: true });
  const renewed = await twoPartners();
  const said = await correct(renewed, renewed.orders.renewal, { voidTouchpointId: 'mail' });
  expect(said).toMatchObject({ isCorrected: true, voided: ['mail'] });
});

type Orders = Record<'one' | 'two', string>;
it.each<[string, (orders: Orders) => [string | null, object]]>([
  ['of its own order', ({ one }) => [one, {}]],
  ['that names the other order in its decision', ({ one, two }) => [one, { conversionId: two }]],
  ['of no order', () => [null, {}]],
  ['of no order that names the other one', ({ two }) => [null, { conversionId: two }]],
])('a case %s voids no touchpoint of another partner’s order', async (_, about) => {
  const ground = await twoPartners();
  const [order, data] = about(ground.orders);
  const said = await correct(ground, order, { ...data, voidTouchpointId: 'theirs' });
  expect(said).toEqual({ isCorrected: false, voided: [], added: 0 });
});

it('a case adds nothing to an order that it is not about and that its partner has not touched', async () => {
  const ground = await twoPartners();
  const { one, two } = ground.orders;
  const said = await correct(ground, one, { conversionId: two, addTouchpoint: ADDED });
  expect(said).toEqual({ isCorrected: false, voided: [], added: 0 });
  expect(await correct(ground, two, { conversionId: one, addTouchpoint: ADDED })).toMatchObject({ added: 1 });
});

it('what cannot be carried out in whole is not carried out in part', async () => {
  const ground = await twoPartners();
  const data = { voidTouchpointId: 'mail', addTouchpoint: { ...ADDED, channel: 'No channel' } };
  expect(await correct(ground, ground.orders.one, data)).toEqual({ isCorrected: false, voided: [], added: 0 });
});
