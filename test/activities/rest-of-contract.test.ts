import { expect, it } from '@jest/globals';
import { lockWindow } from '../../activities/attribution/lock-window.ts';
import type { ActivityDeps } from '../../activities/deps.ts';
import { createStatementActivities } from '../../activities/statement.ts';
import type { Pool } from '../../db/pool.ts';
import { listLateSettlements } from '../../db/queries/late-settlement.ts';
import { inTransaction } from '../../db/transaction.ts';
import { canonicalJson } from '../../domain/json/canonical.ts';
import { aContractFact, aPartner, aProgram, tenPercent } from '../support/ground.ts';
import { useTestPool } from '../support/pool.ts';
import { World } from './attribution/world.ts';

const QUARTER_MS = 92 * 86_400_000;

let pool: Pool;
useTestPool((opened) => (pool = opened));

/** Posts and locks everything, and draws the statement of the window that a contract ended with. */
async function afterFinal(world: World) {
  const { programId } = world;
  await world.drain();
  world.now = new Date(Date.parse(world.now) + QUARTER_MS).toISOString();
  await world.drain();
  const windows = await world.rows<{ id: string; is_final: boolean }>(
    `select w.id, w.is_final from attribution_window w join program_clock k on k.program_id = w.program_id
     where partner_id is not null and locks_at <= sealed_at order by no`,
  );
  for (const { id } of windows) await lockWindow(pool, programId, id, world.now);
  const activities = createStatementActivities({ pool } as unknown as ActivityDeps);
  const request = { programId, windowId: windows.find(({ is_final }) => is_final)!.id, at: world.now };
  const { hasLines } = await activities.drawStatement(request);
  const late = await inTransaction(pool, programId, listLateSettlements);
  return { activities, request, hasLines, late: late.map(({ windowId }) => windowId) };
}

it('money in the currency that a contract had before is stated after its last window', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId, contractId } = await aPartner(pool, programId);
  const of = { partnerId, contractId };
  const dollars = tenPercent('USD');
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     values ($1, $2, 2, $3, $4, '', '2026-03-10T00:00:00Z', now(), 'system')`,
    [programId, contractId, dollars, canonicalJson(dollars)],
  );
  await aContractFact(pool, programId, { ...of, kind: 'in-force', version: 2, at: '2026-03-10T00:00:00Z' });
  await aContractFact(pool, programId, { ...of, kind: 'ended', version: 2, at: '2026-04-15T00:00:00Z' });
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  // Received after the lock of March: a window in dollars holds it.
  await world.sale('s1', 10_000, '2026-03-15T00:00:00Z');

  const { activities, request, hasLines, late } = await afterFinal(world);
  expect({ hasLines, late }).toEqual({ hasLines: false, late: [request.windowId] });
  expect(await activities.heldBack(request)).toMatchObject({ rows: 1 });
  expect(await activities.hasFreeRows(request)).toBe(true);
  const supplementaryId = await activities.nameStatement();
  expect(await activities.drawStatement({ ...request, supplementaryId })).toMatchObject({ amountMinor: 1_000 });
  expect(await world.rows('select currency from statement where id = $1', [supplementaryId])).toEqual([
    { currency: 'EUR' },
  ]);
  expect(await activities.heldBack(request)).toEqual({ rows: 0, nextAt: null });
  expect(await inTransaction(pool, programId, listLateSettlements)).toEqual([]);
});

it('what the windows of a next contract hold waits for their statements', async () => {
  const { programId } = await aProgram(pool);
  const world = new World(pool, programId);
  const { partnerId, contractId } = await aPartner(pool, programId);
  await aContractFact(pool, programId, {
    partnerId,
    contractId,
    kind: 'ended',
    version: 1,
    at: '2026-03-15T00:00:00Z',
  });
  const next = await aPartner(pool, programId, { contractFrom: null });
  await world.rows('update contract set partner_id = $1, round = 2 where id = $2', [partnerId, next.contractId]);
  const begins = { contractId: next.contractId, kind: 'in-force', version: 1, at: '2026-04-10T00:00:00Z' } as const;
  await aContractFact(pool, programId, { partnerId, ...begins });
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-04-12T00:00:00Z' });
  await world.sale('s1', 10_000, '2026-04-20T00:00:00Z');

  const { activities, request, hasLines, late } = await afterFinal(world);
  expect({ hasLines, late }).toEqual({ hasLines: false, late: [] });
  expect(await activities.hasFreeRows(request)).toBe(false);
  expect(await activities.heldBack(request)).toEqual({ rows: 0, nextAt: null });
});
