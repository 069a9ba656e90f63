import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { feedStep } from '../../../activities/attribution/feed-step.ts';
import { explainConversions } from '../../../db/attribution/explanation.ts';
import { queueIntakeWork } from '../../../db/intake/work.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { firstMessage, spawnScript } from '../../support/script.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import { useTestPool } from '../../support/pool.ts';
import { createPool } from '../../../db/pool.ts';
import { World } from './world.ts';

/** Later than a million seconds after the first touchpoint. */
const SALE_AT = '2026-03-25T00:00:00Z';
const TOUCHPOINTS = 1_000_000;
/** Megabytes of a process that would need four times as much for an object per touchpoint and conversion. */
const HEAP_MB = 160;

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** Repeats the one touchpoint of a person, a second apart: a third of them the partner's, each with a sub-id of its own. */
async function repeat(
  query: (text: string, values: unknown[]) => Promise<unknown>,
  touchpointId: string,
  times: number,
): Promise<void> {
  await query(
    `insert into touchpoint (program_id, id, occurred_at, received_at, identity_id, channel, partner_id, kind, sub_id)
     select t.program_id, 'r' || lpad(n::text, 9, '0'), t.occurred_at + n * interval '1 second', clock_timestamp(), t.identity_id,
       case when n % 3 = 0 then t.channel else 'own_' || n % 2 end, case when n % 3 = 0 then t.partner_id end, 'click', 's' || n
     from touchpoint t cross join generate_series(1, $2) n
     where t.id = $1`,
    [touchpointId, times],
  );
}

describe('a person with a million touchpoints', () => {
  it('is credited exactly, with the others of the step, in the memory of any other', async () => {
    const postgres = await startTestPostgres();
    const own = createPool({ url: postgres.url });
    // Without the limits of our own connections: one statement makes them all.
    const behind = new pg.Client(postgres.superuserUrl);
    try {
      await behind.connect();
      const world = new World(own, (await aProgram(own)).programId);
      const { partnerId } = await aPartner(own, world.programId);
      // Passes the boundaries that are over: work is taken up to the next one.
      await world.drain();
      await world.touch({ id: 't', partnerId, occurredAt: '2026-03-10T00:00:00Z' });
      await repeat((text, values) => behind.query(text, values), 't', TOUCHPOINTS - 1);
      const ids = [await world.sale('s1', 1_000_001, SALE_AT), await world.sale('s2', 2, SALE_AT)];
      await world.sale('other', 700, SALE_AT, { identity: { customerId: 'other' } });
      const main = 'test/activities/attribution/long-journey-main.ts';
      const child = spawnScript(main, [postgres.url, world.programId, ids[0]!], {
        NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
      });
      expect(await firstMessage<object>(child)).toMatchObject({
        changed: 3,
        setAside: 0,
        listed: 1_000,
        last: 'r000999999',
        more: TOUCHPOINTS - 1_000,
        isReproduced: true,
      });
      expect(await world.credits('other')).toEqual({ unattributed: 700 });
      // Of a million, 333,334 are the partner's (the first and every third after it) and 333,333 each channel's: by their exact parts of
      // 10,000.01 (3,333.34333334 and 3,333.33333333) the odd cent is the partner's; of two cents the second goes to whoever came first.
      expect(await world.credits('s1')).toEqual({ [partnerId]: 333_335, own_0: 333_333, own_1: 333_333 });
      expect(await world.credits('s2')).toEqual({ [partnerId]: 1, own_0: 0, own_1: 1 });
      const subIds = await world.rows<{ sub: string }>(
        'select sub_id as sub from credit where conversion_id = $1 order by 1',
        [ids[0]],
      );
      expect(subIds.map(({ sub }) => sub)).toEqual(['s999997', 's999998', 's999999']);
    } finally {
      await behind.end();
      await own.end();
      await postgres.stop();
    }
  }, 300_000);
});

describe('journeys that are too much for one step', () => {
  it('are put off, a range as one piece, until each was credited and priced', async () => {
    const world = new World(pool, (await aProgram(pool)).programId);
    const { partnerId } = await aPartner(pool, world.programId);
    await world.drain();
    await world.touch({ id: 't', partnerId, occurredAt: '2026-03-10T00:00:00Z' });
    await repeat((text, values) => world.rows(text, values), 't', 5);
    for (let sale = 0; sale < 4; sale += 1) await world.sale(`s${sale}`, 600, SALE_AT);
    const drain = async () => {
      const steps: { changed: number; putOff: number }[] = [];
      for (;;) {
        const options = { mostTouchpoints: 0, leftMs: 0, putOff: steps.at(-1)?.putOff ?? 0 };
        const { taken, ...step } = await inTransaction(pool, world.programId, (tx) => feedStep(tx, world.now, options));
        if (taken === 0) return steps;
        steps.push(step);
        expect(steps.length).toBeLessThan(30);
      }
    };
    const queued = async () =>
      (await world.rows<{ times: number }>('select count(*) as times from commission_work group by conversion_id')).map(
        ({ times }) => times,
      );
    expect(await drain()).toEqual([3, 2, 1, 0].map((putOff) => ({ changed: 1, putOff })));
    expect(await queued()).toEqual([1, 1, 1, 1]);
    const march = { kind: 'range' as const, fromAt: '2026-03-01T00:00:00Z', toAt: '2026-04-01T00:00:00Z' };
    await inTransaction(pool, world.programId, (tx) => queueIntakeWork(tx, [march], new Date(0).toISOString()));
    expect(await drain()).toEqual([3, 2, 1, 0].map((putOff) => ({ changed: 0, putOff })));
    expect(await queued()).toEqual([2, 2, 2, 2]);
    for (let sale = 0; sale < 4; sale += 1)
      expect(await world.credits(`s${sale}`)).toEqual({ [partnerId]: 200, own_0: 200, own_1: 200 });
  });

  it('are explained by their newest touchpoints each, and left out of a list, with late evidence', async () => {
    const world = new World(pool, (await aProgram(pool)).programId);
    const { partnerId } = await aPartner(pool, world.programId);
    await world.drain();
    await world.touch({ id: 't', partnerId, occurredAt: '2026-03-10T00:00:00Z' });
    await repeat((text, values) => world.rows(text, values), 't', 5);
    const id = await world.sale('s', 600, SALE_AT);
    await world.drain();
    world.now = new Date(Date.parse(world.now) + 93 * 86_400_000).toISOString();
    await world.drain();
    await world.touch(
      { id: 'late1', channel: 'tv', occurredAt: '2026-03-11T00:00:00Z' },
      { id: 'late2', channel: 'tv', occurredAt: '2026-03-12T00:00:00Z' },
    );
    await world.drain();
    const explain = async (options: { listed: number; longMs: number }) => {
      const all = { ...options, withLateEvidence: true, mostTouchpoints: 0 };
      const found = await inTransaction(pool, world.programId, (tx) => explainConversions(tx, [id], all));
      const { touchpoints, moreTouchpoints, lateEvidence, moreLateEvidence, isReproduced, isLeftOut } = found.get(id)!;
      return {
        touchpoints: touchpoints.map((touchpoint) => [touchpoint.id, touchpoint.weight]),
        moreTouchpoints,
        late: lateEvidence.map((touchpoint) => [touchpoint.id, touchpoint.reason]),
        moreLateEvidence,
        isReproduced,
        isLeftOut,
      };
    };
    const sixth = 0.166_666_666_666_666_66;
    expect(await explain({ listed: 2, longMs: Infinity })).toEqual({
      touchpoints: [
        ['r000000004', sixth],
        ['r000000005', sixth],
      ],
      moreTouchpoints: 4,
      late: [
        ['late1', 'received-late'],
        ['late2', 'received-late'],
      ],
      moreLateEvidence: 0,
      isReproduced: true,
      isLeftOut: false,
    });
    expect(await explain({ listed: 1, longMs: Infinity })).toMatchObject({
      late: [['late2', 'received-late']],
      moreLateEvidence: 1,
    });
    expect(await explain({ listed: 0, longMs: 0 })).toEqual({
      touchpoints: [],
      moreTouchpoints: 1,
      late: [],
      moreLateEvidence: 0,
      isReproduced: null,
      isLeftOut: true,
    });
  });
});
