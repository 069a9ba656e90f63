import { expect, it } from '@jest/globals';
import { createContractSignatureActivities } from '../../activities/contract-signature.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { auditProgram } from '../../audit/run.ts';
import type { Pool } from '../../db/pool.ts';
import { putFxRates } from '../../db/queries/fx-rate.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Terms } from '../../domain/contract/terms.ts';
import { SYSTEM } from '../../domain/actor.ts';
import { aContractFact, aPartner, aProgram, tenPercent } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const DAY_MS = 86_400_000;
const CALENDAR = { period: 'P30D', lockAfter: 'P1D', payAfter: 'P1D' };

/** A contract that ended 45 days ago, after which a late sale needed the windows that follow its end; then another contract. */
async function aPartnerWhoComesBack(terms: Terms) {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const day = (days: number) => new Date(Date.parse(world.now) + days * DAY_MS).toISOString();
  const rate = { base: 'EUR', quote: 'JPY', day: day(0).slice(0, 10), rate: '160', source: 'test' };
  await inTransaction(pool, programId, (tx) => putFxRates(tx, [rate]));
  const first = await aPartner(pool, programId, {
    contractFrom: day(-100),
    terms: { ...tenPercent(), calendar: CALENDAR },
  });
  const { partnerId } = first;
  await aContractFact(pool, programId, { ...first, kind: 'ended', version: 1, at: day(-45) });
  await world.drain();
  await world.touch({ id: 't1', partnerId, occurredAt: day(-51) });
  await world.sale('late', 10_000, day(-50));
  await world.drain();

  const next = await aPartner(pool, programId, { contractFrom: null, terms: { ...terms, calendar: CALENDAR } });
  await world.rows('update contract set partner_id = $1, round = 2 where id = $2', [partnerId, next.contractId]);
  const step = { programId, partnerId, contractId: next.contractId, version: 1, actor: SYSTEM, hash: '' };
  const sign = (at: string) =>
    createContractSignatureActivities({ pool } as unknown as ActivityDeps).putInForce({ ...step, at });
  const windows = async () => {
    const rows = await world.rows<{ from: string; to: string; contract_id: string }>(
      'select from_at as from, to_at as to, contract_id from attribution_window where partner_id = $1 order by no',
      [partnerId],
    );
    return rows.map(({ from, to, contract_id: id }) => ({
      from: daysFrom(world.now, from),
      to: daysFrom(world.now, to),
      contract: id === next.contractId ? 'second' : 'first',
    }));
  };
  return { world, programId, partnerId, sign, windows };
}

const daysFrom = (now: string, at: string) => Math.round((Date.parse(at) - Date.parse(now)) / DAY_MS);

it('a second contract has its own windows from its first day, though a window that followed the first one reaches over it', async () => {
  const { world, programId, partnerId, sign, windows } = await aPartnerWhoComesBack(tenPercent('JPY'));
  expect((await windows()).slice(-2)).toEqual([
    { from: -10, to: 20, contract: 'first' },
    { from: 20, to: 50, contract: 'first' },
  ]);
  await sign(world.now);
  await world.touch({ id: 't2', partnerId, identity: { customerId: 'd' }, occurredAt: world.now });
  await world.sale('own', 10_000, world.now, { identity: { customerId: 'd' } });
  await world.drain();
  expect((await windows()).slice(-3)).toEqual([
    { from: -10, to: 0, contract: 'first' },
    { from: 0, to: 30, contract: 'second' },
    { from: 30, to: 60, contract: 'second' },
  ]);
  expect(
    await world.rows(
      `select c.external_id as sale, m.amount_minor as minor, m.currency, w.currency as of, w.no
       from commission m join conversion c on c.id = m.conversion_id join attribution_window w on w.id = m.window_id
       where m.partner_id = $1 order by c.occurred_at`,
      [partnerId],
    ),
  ).toEqual([
    { sale: 'late', minor: 1_000, currency: 'EUR', of: 'EUR', no: 5 },
    { sale: 'own', minor: 1_600, currency: 'JPY', of: 'JPY', no: 6 },
  ]);
  const audit = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  expect(audit.filter(({ result }) => result === 'fault')).toEqual([]);
});
