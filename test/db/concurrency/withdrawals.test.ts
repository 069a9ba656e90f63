import { expect, it } from '@jest/globals';
import type pg from 'pg';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { withdrawConsent } from '../../../db/intake/withdrawal.ts';
import type { Pool } from '../../../db/pool.ts';
import { inTransaction } from '../../../db/transaction.ts';
import type { Tx } from '../../../db/transaction.ts';
import { touch } from '../intake/intake-ground.ts';
import { useGround } from './ground.ts';
import { hold, untilWaiting } from './held.ts';

let pool: Pool;
let root: pg.Client;
let programId: string;
useGround((ground) => ({ pool, root, programId } = ground));

it('two withdrawals of one person at once count and record the person once', async () => {
  await intakeTouchpoints(pool, programId, [touch({ identity: { customerId: 'c-8', visitorId: 'v-8' } })]);
  const withdraw = (tx: Tx, identity: object) =>
    withdrawConsent(tx, identity, { id: 'per_x', actor: { kind: 'system' } });
  const first = await hold(pool, programId);
  const one = await withdraw(first.tx, { customerId: 'c-8' });
  const second = inTransaction(pool, programId, (tx) => withdraw(tx, { visitorId: 'v-8' }));
  await untilWaiting(root, 1);
  await first.commit();
  expect([one, await second]).toMatchObject([
    { identities: 2, touchpoints: 1 },
    { identities: 0, touchpoints: 0 },
  ]);
  const { rows } = await root.query(
    `select count(*)::int as n from event where program_id = $1 and kind = 'consent.withdrawn'`,
    [programId],
  );
  expect(rows).toEqual([{ n: 1 }]);
});
