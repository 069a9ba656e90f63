import { expect, it } from '@jest/globals';
import { auditProgram } from '../../../audit/run.ts';
import { createContractSignatureActivities } from '../../../activities/contract-signature.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import type { Pool } from '../../../db/pool.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

it('reaches a sale that was touched before, when an amendment widens the lookback and is told after the sale', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const ago = (ms: number) => new Date(Date.parse(world.now) - ms).toISOString();
  const terms = { ...tenPercent(), lookback: { default: 'P2D' } };
  const { partnerId, contractId } = await aPartner(pool, programId, { terms });
  const of = (customerId: string) => ({ identity: { customerId } });
  await world.touch(
    { id: 't1', ...of('early'), partnerId, occurredAt: ago(5 * DAY_MS) },
    { id: 't2', ...of('after'), partnerId, occurredAt: ago(5 * DAY_MS) },
    { id: 't3', ...of('older'), partnerId, occurredAt: ago(9 * DAY_MS) },
  );
  await world.sale('early', 10_000, ago(3 * HOUR_MS), of('early'));
  await world.sale('after', 10_000, ago(HOUR_MS), of('after'));
  await world.sale('older', 10_000, ago(HOUR_MS), of('older'));
  await world.sale('other', 10_000, ago(HOUR_MS), of('somebody else'));
  await world.drain();
  expect(await world.rows('select distinct beneficiary_kind as kind from credit')).toEqual([{ kind: 'program' }]);

  const wider = { ...terms, lookback: { default: 'P7D' } };
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     values ($1, $2, 2, $3, $4, '', $5, now(), 'system')`,
    [programId, contractId, wider, canonicalJson(wider), ago(2 * HOUR_MS)],
  );
  const step = { programId, partnerId, contractId, version: 2, actor: SYSTEM, hash: '', at: ago(2 * HOUR_MS) };
  await createContractSignatureActivities({ pool } as unknown as ActivityDeps).putInForce(step);
  await world.drain();

  expect(await world.credits('early')).toEqual({ unattributed: 10_000 });
  expect(await world.credits('after')).toEqual({ [partnerId]: 10_000 });
  expect(await world.commission(partnerId, 'after')).toBe(1_000);
  expect(await world.credits('older')).toEqual({ unattributed: 10_000 });
  expect(await world.rows('select count(*) as n from credit where generation > 1')).toEqual([{ n: 1 }]);
  const audit = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
});
