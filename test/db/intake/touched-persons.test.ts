import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { findSetAsideWork, requeueSetAsideWork } from '../../../db/queries/set-aside-work.ts';
import { noteFailedWork, takeIntakeWork } from '../../../db/queries/work-queue.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { IntakeGround, touch } from './intake-ground.ts';

let ground: IntakeGround;
beforeAll(async () => {
  ground = await IntakeGround.open();
});
afterAll(() => ground?.close());
beforeEach(() => within((tx) => tx.query('delete from intake_work')));

const within = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(ground.pool, ground.programId, work);
const take = (limit: number, seq?: number) => within((tx) => takeIntakeWork(tx, { before: 'infinity', limit, seq }));
const send = (name: string, count: number, more: (n: number) => object) =>
  intakeTouchpoints(
    ground.pool,
    ground.programId,
    Array.from({ length: count }, (_, n) => touch({ id: `${name}-${n}`, ...more(n) })),
  );
const personsPerRow = async () =>
  (await ground.rows<{ n: number }>('select cardinality(identity_ids) as n from intake_work order by n')).map(
    ({ n }) => n,
  );

it('queues each person of a batch once, from the first instant on, however often they were touched', async () => {
  const day = (n: number) => `2026-03-${String(1 + (n % 28)).padStart(2, '0')}T00:00:00Z`;
  await send('often', 1_000, (n) => ({ identity: { visitorId: 'often' }, occurredAt: day(n + 3) }));
  const work = await take(300);
  expect(work).toMatchObject([{ kind: 'touchpoint', fromAt: '2026-03-01T00:00:00Z' }]);
  expect(await ground.rows('select value from identity where id = $1', [work[0]!.identityId])).toEqual([
    { value: 'often' },
  ]);
});

it('gives out rows of many persons until the limit is reached, and every person once', async () => {
  await send('many', 250, (n) => ({ identity: { visitorId: `many-${n}` } }));
  expect(await personsPerRow()).toEqual([50, 100, 100]);
  const taken: string[] = [];
  for (;;) {
    const work = await take(120);
    if (work.length === 0) break;
    expect(work.length).toBeLessThan(220);
    taken.push(...work.map(({ identityId }) => identityId!));
  }
  expect(taken).toHaveLength(250);
  expect(new Set(taken).size).toBe(250);
});

it('tries persons of a row that fails one by one, and sets aside the one that fails, with its stamp', async () => {
  await send('fails', 3, (n) => ({ identity: { visitorId: `fails-${n}` } }));
  const [row] = await ground.rows<{ seq: number; at: string }>('select seq, received_at as at from intake_work');
  expect(await within((tx) => noteFailedWork(tx, 'intake_work', row!.seq, 'broken'))).toBe(false);
  expect(await personsPerRow()).toEqual([null, null, null]);
  const [one] = await ground.rows<{ seq: number; identityId: string }>(
    'select seq, identity_id as "identityId" from intake_work order by seq limit 1',
  );
  for (const isGone of [false, false, true])
    expect(await within((tx) => noteFailedWork(tx, 'intake_work', one!.seq, 'broken'))).toBe(isGone);
  expect(await take(300)).toHaveLength(2);
  const [aside] = await ground.rows<{ id: string }>('select id from work_set_aside');
  await within(async (tx) => requeueSetAsideWork(tx, (await findSetAsideWork(tx, aside!.id))!));
  expect(await take(300)).toMatchObject([
    { identityId: one!.identityId, fromAt: '2026-03-01T09:00:00Z', receivedAt: row!.at },
  ]);
});
