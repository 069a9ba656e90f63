import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeIdentities } from '../../../db/intake/identities.ts';
import { intakeRefunds } from '../../../db/intake/refunds.ts';
import { undoMerge } from '../../../db/intake/merge-undo.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction, repeatedTransactions } from '../../../db/transaction.ts';
import { IntakeGround, sale, touch } from './intake-ground.ts';

let ground: IntakeGround;
let pool: Pool;
let programId: string;

beforeAll(async () => {
  ground = await IntakeGround.open();
  ({ pool, programId } = ground);
});
afterAll(() => ground?.close());

const count = (table: string, where?: string) => ground.count(table, where);

describe('the same facts from many senders at once', () => {
  it('stores each conversion, refund and touchpoint exactly once, without a deadlock', async () => {
    const before = repeatedTransactions.get('40P01') ?? 0;
    const orders = Array.from({ length: 120 }, (_, index) =>
      sale({ externalId: `same-${index}`, identity: { customerId: `s${index % 7}` } }),
    );
    const touches = Array.from({ length: 120 }, (_, index) => touch({ id: `same-${index}`, channel: `c${index % 9}` }));
    const refunds = Array.from({ length: 60 }, (_, index) => ({
      externalId: `same-${index}`,
      conversionExternalId: `same-${index}`,
      occurredAt: '2026-03-03T00:00:00Z',
      reason: 'r',
    }));
    const shuffled = <Item>(items: Item[], lane: number) => [...items.slice(lane * 13), ...items.slice(0, lane * 13)];
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, lane) => [
        intakeConversions(pool, programId, shuffled(orders, lane)),
        intakeTouchpoints(pool, programId, shuffled(touches, lane)),
        intakeRefunds(pool, programId, shuffled(refunds, lane)),
      ]).flat(),
    );
    const accepted = results.flat().filter(({ status }) => status === 'accepted');
    expect(accepted).toHaveLength(300);
    expect(results.flat().filter(({ status }) => status === 'rejected')).toEqual([]);
    expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(0);
    expect(await count('conversion', `external_id like 'same-%'`)).toBe(120);
  });
});

describe('identities', () => {
  it('takes a merge back: the union falls apart, and the second time changes nothing', async () => {
    await intakeIdentities(pool, programId, [
      { visitorId: 'u1', customerId: 'u2', occurredAt: '2026-03-01T00:00:00Z' },
    ]);
    const union = () =>
      inTransaction(
        pool,
        programId,
        async (tx) =>
          (
            await tx.query<{ component_id: string }>(
              `select distinct component_id from identity where value in ('u1', 'u2')`,
            )
          ).rows,
      );
    expect(await union()).toHaveLength(1);
    const [merge] = await inTransaction(
      pool,
      programId,
      async (tx) =>
        (
          await tx.query<{ id: string }>(
            `select m.id from identity_merge m join identity i on i.id = m.a_id where i.value in ('u1', 'u2')`,
          )
        ).rows,
    );
    for (let round = 0; round < 2; round += 1)
      await inTransaction(pool, programId, (tx) =>
        undoMerge(tx, { mergeId: merge!.id, reason: 'two persons', by: 'per_x' }),
      );
    expect(await union()).toHaveLength(2);
  });

  it('joins two ids once, and refuses the edge that makes a union of more than fifty', async () => {
    const join = (visitorId: string) => ({ visitorId, customerId: 'hub', occurredAt: '2026-03-01T00:00:00Z' });
    expect((await intakeIdentities(pool, programId, [join('d0'), join('d0')])).map(({ status }) => status)).toEqual([
      'accepted',
      'duplicate',
    ]);
    await intakeIdentities(
      pool,
      programId,
      Array.from({ length: 60 }, (_, index) => join(`d${index}`)),
    );
    expect(await count('identity_merge', `refused_reason = 'too-many-ids'`)).toBe(11);
    const { rows } = await inTransaction(pool, programId, (tx) =>
      tx.query<{ n: number }>(`select count(*) as n from identity group by component_id order by n desc limit 1`),
    );
    expect(rows[0]!.n).toBe(50);
  });

  it('merges chains from many connections at once without a deadlock, into one union', async () => {
    const before = repeatedTransactions.get('40P01') ?? 0;
    const edges = Array.from({ length: 40 }, (_, index) => ({
      visitorId: `m${index}`,
      customerId: `m-c${Math.floor(index / 2)}`,
      emailHash: `m-e${(index * 7) % 20}`,
      occurredAt: '2026-03-01T00:00:00Z',
    }));
    const shuffled = [...edges, ...edges.toReversed()];
    await Promise.all(
      Array.from({ length: 8 }, (_, lane) =>
        intakeIdentities(
          pool,
          programId,
          shuffled.filter((_, index) => index % 8 === lane),
        ),
      ),
    );
    await Promise.all(Array.from({ length: 8 }, () => intakeIdentities(pool, programId, edges)));
    expect((repeatedTransactions.get('40P01') ?? 0) - before).toBe(0);
    const { rows } = await inTransaction(pool, programId, (tx) =>
      tx.query<{ id: string; component_id: string; least: string }>(
        `with recursive edge as (select a_id as a, b_id as b from identity_merge where refused_reason is null union select b_id, a_id from identity_merge where refused_reason is null),
         reach as (select id, id as other from identity where value like 'm%' union select r.id, e.b from reach r join edge e on e.a = r.other)
         select i.id, i.component_id, min(r.other) as least from identity i join reach r on r.id = i.id group by 1, 2`,
      ),
    );
    expect(rows.filter((row) => row.component_id !== row.least)).toEqual([]);
  });
});
