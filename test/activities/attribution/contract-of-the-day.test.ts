import { expect, it } from '@jest/globals';
import type { Pool } from '../../../db/pool.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import { aContractFact, aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { vector } from '../../support/vector.ts';
import { World } from './world.ts';

const REPLACED_AT = '2026-03-10T00:00:00Z';

let pool: Pool;

useTestPool((opened) => (pool = opened));

it('credits and pays a conversion by the terms of its own day, though it comes in when they were replaced', async () => {
  expect(vector('attribution', '11-contract-of-the-day').note).toContain('in force on its own date');
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const contract = await aPartner(pool, programId, { terms: { ...tenPercent(), lookback: { default: 'P30D' } } });
  const { partnerId, contractId } = contract;
  const terms = {
    ...tenPercent(),
    lookback: { default: 'P7D' },
    plan: { rules: [{ kind: 'percentage', basisPoints: 2_000 }] },
  };
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     values ($1, $2, 2, $3, $4, '', $5, now(), 'system')`,
    [programId, contractId, terms, canonicalJson(terms), REPLACED_AT],
  );
  await aContractFact(pool, programId, { ...contract, kind: 'in-force', version: 2, at: REPLACED_AT });

  const of = (customerId: string) => ({ identity: { customerId } });
  await world.touch(
    { id: 't1', ...of('before'), partnerId, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', ...of('after'), partnerId, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't3', ...of('soon'), partnerId, occurredAt: '2026-03-09T00:00:00Z' },
  );
  await world.sale('before', 10_000, '2026-03-09T23:59:59.999Z', of('before'));
  await world.sale('after', 10_000, REPLACED_AT, of('after'));
  await world.sale('soon', 10_000, REPLACED_AT, of('soon'));
  await world.drain();

  // Ten per cent and 30 days; then twenty and seven, which nine days are not within.
  expect(await world.credits('before')).toEqual({ [partnerId]: 10_000 });
  expect(await world.commission(partnerId, 'before')).toBe(1_000);
  expect(await world.credits('after')).toEqual({ unattributed: 10_000 });
  expect(await world.commission(partnerId, 'after')).toBe(0);
  expect(await world.credits('soon')).toEqual({ [partnerId]: 10_000 });
  expect(await world.commission(partnerId, 'soon')).toBe(2_000);
});
