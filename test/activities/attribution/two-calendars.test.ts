import { expect, it } from '@jest/globals';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Calendar } from '../../../domain/contract/terms.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
const DAY_MS = 86_400_000;
const WEEKLY: Calendar = { period: 'weekly', lockAfter: 'P1D', payAfter: 'P1D' };
const MONTHLY: Calendar = { period: 'monthly', lockAfter: 'P27D', payAfter: 'P20D' };

useTestPool((opened) => (pool = opened));

const day = (from: string, days: number) => new Date(Date.parse(from) + days * DAY_MS).toISOString();

/** The window that holds what a partner earned with a conversion. */
async function windowOf(world: World, partnerId: string, externalId: string) {
  const [window] = await world.rows<{ locksAt: string; isSealed: boolean }>(
    `select w.locks_at as "locksAt", w.locks_at <= k.sealed_at as "isSealed"
     from commission m join conversion c on c.id = m.conversion_id join attribution_window w on w.id = m.window_id cross join program_clock k
     where m.partner_id = $1 and c.external_id = $2`,
    [partnerId, externalId],
  );
  return window!;
}

// attribution.md §9, second row: whichever of two calendars locks first locks the conversion for both.
it.each([
  { calendars: [WEEKLY, MONTHLY], first: 0, what: 'the first partner has weeks and the second months' },
  { calendars: [MONTHLY, WEEKLY], first: 1, what: 'the first partner has months and the second weeks' },
])('a conversion is locked with its earliest window: $what', async ({ calendars, first }) => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const start = world.now;
  const [before, at] = [day(start, -2), day(start, -1)];
  const partners: string[] = [];
  for (const calendar of [...calendars, MONTHLY]) {
    const terms = { ...tenPercent(), calendar };
    partners.push((await aPartner(pool, programId, { contractFrom: day(start, -3), terms })).partnerId);
  }
  const [p1, p2, p3] = partners as [string, string, string];
  const [weekly, monthly] = first === 0 ? [p1, p2] : [p2, p1];
  await world.touch({ id: 't1', partnerId: p1, occurredAt: before }, { id: 't2', partnerId: p2, occurredAt: before });
  const identity = { customerId: 'of-months-only' };
  await world.touch({ id: 't4', partnerId: monthly, identity, occurredAt: before });
  const saleId = await world.sale('both', 10_000, at);
  await world.sale('months', 10_000, at, { identity });
  await world.drain();
  const half = { [p1]: 5_000, [p2]: 5_000 };
  expect(await world.credits('both')).toEqual(half);

  world.now = day((await windowOf(world, weekly, 'both')).locksAt, 0.01);
  await world.drain();
  expect(await windowOf(world, weekly, 'both')).toMatchObject({ isSealed: true });
  expect(await windowOf(world, monthly, 'both')).toMatchObject({ isSealed: false });

  await world.touch(
    { id: 't3', partnerId: p3, occurredAt: before },
    { id: 't5', partnerId: p3, identity, occurredAt: before },
  );
  await world.drain();
  expect(await world.credits('both')).toEqual(half);
  expect(await Promise.all([p1, p2, p3].map((id) => world.commission(id, 'both')))).toEqual([500, 500, 0]);
  const explained = await inTransaction(pool, programId, (tx) => explainConversion(tx, saleId));
  expect(explained!.lateEvidence.map(({ id, reason }) => [id, reason])).toEqual([['t3', 'received-late']]);

  // What only the months hold is open still: the same lateness counts there.
  expect(await world.credits('months')).toEqual({ [monthly]: 5_000, [p3]: 5_000 });
  expect(await world.commission(p3, 'months')).toBe(500);
});
