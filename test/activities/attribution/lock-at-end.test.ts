import { expect, it } from '@jest/globals';
import { createPartnerActivities } from '../../../activities/partner.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { Pool } from '../../../db/pool.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const DAY_MS = 86_400_000;

it('a sale of an earlier window that came late locks with the last window, though the end of the contract made that short', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const day = (days: number) => new Date(Date.parse(world.now) + days * DAY_MS).toISOString();
  const [from, touched, sold, moved, locked] = [-45, -41, -40, 0, 8].map(day) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const terms = { ...tenPercent(), calendar: { period: 'P30D', lockAfter: 'P5D', payAfter: 'P5D' } };
  const { partnerId, contractId } = await aPartner(pool, programId, { contractFrom: from, terms });
  const other = await aPartner(pool, programId);
  await world.drain();
  await world.touch({ id: 't1', partnerId, occurredAt: touched });
  await world.sale('s1', 10_000, sold);
  await world.drain();
  await createPartnerActivities({ pool } as unknown as ActivityDeps).movePartner({
    ...{ programId, partnerId, from: 'active', to: 'ended', round: 1, actor: SYSTEM, at: moved },
    endsContractId: contractId,
  });
  await world.drain();
  expect(
    await world.rows(
      `select s.locks_at = w.locks_at as together, w.no, w.is_final
       from conversion_state s
       join commission c on c.conversion_id = s.conversion_id
       join attribution_window w on w.id = c.window_id`,
    ),
  ).toEqual([{ together: true, no: 2, is_final: true }]);
  // What only sets a lock prices nothing anew.
  expect(await world.rows('select from commission')).toHaveLength(1);

  world.now = locked;
  await world.drain();
  await world.touch({ id: 'late', partnerId: other.partnerId, occurredAt: touched });
  await world.drain();
  expect(await world.credits('s1')).toEqual({ [partnerId]: 10_000 });
});
