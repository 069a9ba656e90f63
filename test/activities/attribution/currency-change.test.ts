import { expect, it } from '@jest/globals';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../../../activities/attribution/drain.ts';
import { createContractSignatureActivities } from '../../../activities/contract-signature.ts';
import type { ActivityDeps } from '../../../activities/deps.ts';
import { auditProgram } from '../../../audit/run.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { newId } from '../../../db/ids.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertCommissions } from '../../../db/queries/commission.ts';
import type { NewCommission } from '../../../db/queries/commission.ts';
import { putFxRates } from '../../../db/queries/fx-rate.ts';
import { postEntry } from '../../../db/queries/ledger.ts';
import { insertProfile } from '../../../db/queries/partner-change.ts';
import { readClock } from '../../../db/queries/program-clock.ts';
import { findSettlementWindow } from '../../../db/queries/settlement-window.ts';
import { findOpenWindows } from '../../../db/queries/window.ts';
import { SYSTEM } from '../../../domain/actor.ts';
import type { Terms } from '../../../domain/contract/terms.ts';
import { earned } from '../../../domain/ledger/posting.ts';
import { canonicalJson } from '../../../domain/json/canonical.ts';
import { aContractFact, aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { useTestPool } from '../../support/pool.ts';
import { FIRST, StudyWorld } from './study-world.ts';

let pool: Pool;
useTestPool((opened) => (pool = opened));

const DAY_MS = 86_400_000;
const percent = (basisPoints: number, cap: { minor: number; currency: string }): Terms => ({
  ...tenPercent(cap.currency),
  plan: { rules: [{ kind: 'percentage', basisPoints }], windowCap: cap },
});

async function offerVersion(world: StudyWorld, contractId: string, terms: Terms, from: string): Promise<void> {
  await world.rows(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     values ($1, $2, 2, $3, $4, '', $5, now(), 'system')`,
    [world.programId, contractId, terms, canonicalJson(terms), from],
  );
}

async function faults(world: StudyWorld) {
  const rows = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
  return rows.filter(({ result }) => result === 'fault');
}

it('a version in another currency holds from the next window on, and everything names the one that priced it', async () => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  // 10 % up to 25.00 EUR a window; from 10 March on 20 % up to 60.00 USD.
  const terms = percent(1_000, { minor: 2_500, currency: 'EUR' });
  const { partnerId, contractId } = await aPartner(pool, programId, { terms });
  const at = '2026-03-10T00:00:00Z';
  await offerVersion(world, contractId, percent(2_000, { minor: 6_000, currency: 'USD' }), at);
  await aContractFact(pool, programId, { partnerId, contractId, kind: 'in-force', version: 2, at });
  const rate = { base: 'EUR', quote: 'USD', rate: '1.1', source: 'test' };
  await world.tx((tx) =>
    putFxRates(
      tx,
      ['2026-03-15', '2026-04-05'].map((day) => ({ ...rate, day })),
    ),
  );
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  const ids: string[] = [];
  for (const [id, day] of [
    ['before', '03-05'],
    ['in-the-window', '03-15'],
    ['next-window', '04-05'],
  ] as const)
    ids.push(await world.sale(id, 20_000, `2026-${day}T00:00:00Z`, { identity: { customerId: 'c' } }));
  await world.touch({ id: 't2', partnerId, occurredAt: '2026-04-01T00:00:00Z' });
  await world.drain();
  await world.drain();

  expect(
    await world.rows(
      `select v.external_id as sale, c.amount_minor as minor, c.currency, c.contract_version as version, w.currency as window
       from commission c
       join conversion v on v.id = c.conversion_id
       join attribution_window w on w.id = c.origin_window_id
       order by v.occurred_at`,
    ),
  ).toEqual([
    { sale: 'before', minor: 2_000, currency: 'EUR', version: 1, window: 'EUR' },
    { sale: 'in-the-window', minor: 500, currency: 'EUR', version: 1, window: 'EUR' },
    { sale: 'next-window', minor: 4_400, currency: 'USD', version: 2, window: 'USD' },
  ]);
  for (const [index, version] of [1, 1, 2].entries()) {
    const explained = await world.tx((tx) => explainConversion(tx, ids[index]!));
    expect(explained!.contracts.get(partnerId)).toEqual({ contractId, contractVersion: version });
  }
  const { id: studyId } = await world.studied(FIRST);
  const lines = await world.rows(
    `select commission_before_minor as before, commission_after_minor as after, commission_currency as currency
     from study_line where study_id = $1 and beneficiary_id = $2 order by 1`,
    [studyId, partnerId],
  );
  expect(lines).toEqual([
    { before: 500, after: 500, currency: 'EUR' },
    { before: 2_000, after: 2_000, currency: 'EUR' },
    { before: 4_400, after: 4_400, currency: 'USD' },
  ]);
  expect(await faults(world)).toEqual([]);
});

it('the least that a window pays is of the version in its currency', async () => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const least = (minor: number, currency: string): Terms => ({
    ...tenPercent(currency),
    minimumPayout: { minor, currency },
  });
  const { partnerId, contractId } = await aPartner(pool, programId, { terms: least(500, 'EUR') });
  const at = '2026-03-10T00:00:00Z';
  await offerVersion(world, contractId, least(3_000, 'JPY'), at);
  await aContractFact(pool, programId, { partnerId, contractId, kind: 'in-force', version: 2, at });
  await world.drain();
  const windows = await world.rows<{ id: string }>(
    `select id from attribution_window where partner_id = $1 and no in (3, 4) order by no`,
    [partnerId],
  );
  const shown = [];
  for (const { id } of windows) shown.push((await world.tx((tx) => findSettlementWindow(tx, id)))!.minimumPayout);
  expect(shown).toEqual([
    { minor: 500, currency: 'EUR' },
    { minor: 3_000, currency: 'JPY' },
  ]);
});

it('what was posted in another currency than the one that holds is taken back in it, and posted anew', async () => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const { partnerId, contractId } = await aPartner(pool, programId);
  await world.touch({ id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' });
  const conversionId = await world.sale('s1', 20_000, '2026-03-15T00:00:00Z');
  await advanceBoundaries(pool, programId, { now: world.now });
  await drainIntake(pool, programId, { now: world.now });
  // As an amendment to USD had it posted before currencies waited for a window.
  await world.tx(async (tx) => {
    const of = { partnerId, currency: 'USD', minor: 2_200 };
    const subject = { type: 'posting', id: 'x' };
    const entryId = await postEntry(tx, { ...earned(of), cause: 'posting:x', at: world.now, partnerId, subject });
    const windows = await findOpenWindows(tx, [{ key: '', partnerId, at: '2026-03-15T00:00:00Z' }], world.now);
    const { epoch } = await readClock(tx);
    const row: NewCommission = {
      ...{ id: newId('commission'), partnerId, conversionId, conversionAt: '2026-03-15T00:00:00Z', revision: 1 },
      ...{ kind: 'earned', amountMinor: 2_200, currency: 'USD', totalAfterMinor: 2_200, cappedMinor: 0 },
      ...{ windowId: windows.get('')!.id, account: 'pending', originWindowId: null, rule: null, contractId },
      ...{ contractVersion: 1, policyId: null, evaluationId: null, adjustmentId: null, entryId },
      ...{ payableFrom: world.now, reason: null },
    };
    await insertCommissions(tx, [row], epoch);
  });
  await drainCommissions(pool, programId, { now: world.now });
  expect(
    await world.rows(
      'select currency, sum(amount_minor)::bigint as minor, count(*) as rows from commission group by 1 order by 1',
    ),
  ).toEqual([
    { currency: 'EUR', minor: 2_000, rows: 1 },
    { currency: 'USD', minor: 0, rows: 2 },
  ]);
  expect(await faults(world)).toEqual([]);
});

it.each<[string, Partial<Terms>, string | null, object]>([
  ['calendar', { calendar: { period: 'P5D', lockAfter: 'P1D', payAfter: 'P1D' } }, null, { days: 5, currency: 'EUR' }],
  ['currency', { currency: 'USD', minimumPayout: { minor: 0, currency: 'USD' } }, null, { days: 10, currency: 'USD' }],
  ['zone', {}, 'Asia/Tokyo', { days: 10, currency: 'EUR', zone: 'Asia/Tokyo' }],
])('a new %s holds from the next window on, though that is written already', async (_, changes, zone, expected) => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const terms = { ...tenPercent(), calendar: { period: 'P10D', lockAfter: 'P1D', payAfter: 'P1D' } };
  const contractFrom = `${new Date(Date.parse(world.now) - 5 * DAY_MS).toISOString().slice(0, 10)}T00:00:00Z`;
  const { partnerId, contractId } = await aPartner(pool, programId, { terms, contractFrom });
  await world.drain();
  const windows = () =>
    world.rows<{ days: number }>(
      `select no, round(extract(epoch from to_at - from_at) / 86400)::integer as days, currency, time_zone as zone
       from attribution_window where partner_id = $1 order by no`,
      [partnerId],
    );
  const [current, ahead] = await windows();
  expect([current, ahead]).toMatchObject([
    { no: 1, days: 10 },
    { no: 2, days: 10 },
  ]);

  if (zone !== null) await world.tx((tx) => insertProfile(tx, partnerId, { timeZone: zone }));
  else {
    await offerVersion(world, contractId, { ...terms, ...changes }, world.now);
    const step = { programId, partnerId, contractId, version: 2, actor: SYSTEM, hash: '', at: world.now };
    await createContractSignatureActivities({ pool } as unknown as ActivityDeps).putInForce(step);
  }
  await world.drain();
  expect(await windows()).toEqual([current, { no: 2, zone: 'UTC', ...expected }]);
});
