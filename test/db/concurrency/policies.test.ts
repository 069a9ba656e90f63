import { expect, it } from '@jest/globals';
import type pg from 'pg';
import { newId } from '../../../db/ids.ts';
import { joinIntake } from '../../../db/locks.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertPolicyPeriods } from '../../../db/queries/policy.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { inTransaction, repeatedTransactions } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { LINEAR } from '../../support/ground.ts';
import { useGround } from './ground.ts';
import { hold, untilWaiting } from './held.ts';

let pool: Pool;
let root: pg.Client;
let programId: string;
useGround((ground) => ({ pool, root, programId } = ground));

const inOwn = <Result>(work: (tx: Tx) => Promise<Result>) => inTransaction(pool, programId, work);
const draft = (tx: Tx, more: object = {}) =>
  insertPolicyDraft(tx, { id: newId('policy'), body: { ...LINEAR, ...more }, createdBy: 'per_x' });
const periodsOf = async (policyId: string) =>
  (
    await root.query<{ type: string; from: string | null }>(
      `select conversion_type as type, lower(during) as "from" from policy_period where policy_id = $1 order by 1`,
      [policyId],
    )
  ).rows;

it('drafts of one name at once become one version after the other', async () => {
  const first = await hold(pool, programId);
  await draft(first.tx, { name: 'Same' });
  const second = inOwn((tx) => draft(tx, { name: 'Same' }));
  await untilWaiting(root, 1);
  await first.commit();
  expect((await second).version).toBe(2);
});

it('of two versions put in force for one instant at once, the later takes the place of the other and leaves nothing of it', async () => {
  const effectiveFrom = '2027-03-01T00:00:00Z';
  const put = async (tx: Tx, id: string, conversionTypes: string[]) =>
    insertPolicyPeriods(tx, { id, conversionTypes, effectiveFrom }, await joinIntake(tx));
  const [a, b] = [await inOwn((tx) => draft(tx)), await inOwn((tx) => draft(tx))];
  const first = await hold(pool, programId);
  await put(first.tx, a.id, ['lead', 'sale']);
  const second = inOwn((tx) => put(tx, b.id, ['sale', 'lead']));
  await untilWaiting(root, 1);
  await first.commit();
  await second;
  expect(await periodsOf(a.id)).toEqual([]);
  expect((await periodsOf(b.id)).map(({ type }) => type)).toEqual(['lead', 'sale']);
});

it('of many versions put in force at once none is left with an empty period, and none meets a deadlock', async () => {
  const instants = ['2028-03-01T00:00:00Z', '2028-03-02T00:00:00Z'];
  const types = [['*'], ['a', 'b'], ['b', 'a']];
  const deadlocks = repeatedTransactions.get('40P01') ?? 0;
  await Promise.all(
    Array.from({ length: 4 }, async (_, lane) => {
      for (let no = lane; no < 24; no += 4)
        await inOwn(async (tx) => {
          const receivedAt = await joinIntake(tx);
          const { id } = await draft(tx, { name: `n${no}` });
          const period = { id, conversionTypes: types[no % 3]!, effectiveFrom: instants[no % 2]! };
          await insertPolicyPeriods(tx, period, receivedAt);
        });
    }),
  );
  const { rows } = await root.query('select count(*)::int as n from policy_period where isempty(during)');
  expect(rows).toEqual([{ n: 0 }]);
  expect(repeatedTransactions.get('40P01') ?? 0).toBe(deadlocks);
});
