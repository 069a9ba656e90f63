import { expect, it } from '@jest/globals';
import { createContractSignatureActivities } from '../../../activities/contract-signature.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { auditProgram } from '../../../audit/run.ts';
import type { Pool } from '../../../db/pool.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { World } from './world.ts';

const HOUR_MS = 3_600_000;

let pool: Pool;
useTestPool((opened) => (pool = opened));

it('leaves what was posted in the currency of its window, when an amendment to another one is told after the sale', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const ago = (hours: number) => new Date(Date.parse(world.now) - hours * HOUR_MS).toISOString();
  const { partnerId, contractId } = await aPartner(pool, programId);
  const rate = { base: 'EUR', quote: 'JPY', day: ago(1).slice(0, 10), rate: '160', source: 'test' };
  await inTransaction(pool, programId, (tx) => putFxRates(tx, [rate]));
  await world.touch({ id: 't1', partnerId, occurredAt: ago(5) });
  await world.sale('before', 10_000, ago(3));
  await world.sale('after', 10_000, ago(1));
  await world.drain();

  const yen = tenPercent('JPY');
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     values ($1, $2, 2, $3, $4, '', $5, now(), 'system')`,
    [programId, contractId, yen, canonicalJson(yen), ago(2)],
  );
  const step = { programId, partnerId, contractId, version: 2, actor: SYSTEM, hash: '', at: ago(2) };
  await createContractSignatureActivities({ pool } as unknown as ActivityDeps).putInForce(step);
  await world.drain();
  await world.refund('r1', 'after', 5_000);
  await world.drain();

  const posted = await world.rows(
    `select c.external_id as sale, m.kind, m.amount_minor as minor, m.currency, m.total_after_minor as total
     from commission m join conversion c on c.id = m.conversion_id order by c.occurred_at, m.revision`,
  );
  expect(posted).toEqual([
    { sale: 'before', kind: 'earned', minor: 1_000, currency: 'EUR', total: 1_000 },
    { sale: 'after', kind: 'earned', minor: 1_000, currency: 'EUR', total: 1_000 },
    { sale: 'after', kind: 'refund', minor: -500, currency: 'EUR', total: 500 },
  ]);
  const pending = await world.rows(
    `select currency, sum(case side when 'credit' then amount_minor else -amount_minor end)::bigint as minor
     from ledger_posting where account = 'pending' group by 1 order by 1`,
  );
  expect(pending).toEqual([{ currency: 'EUR', minor: 1_500 }]);
  const audit = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
});
