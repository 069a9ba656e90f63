import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { lockWindow } from '../../../activities/attribution/lock-window.ts';
import { auditProgram, CHECKS } from '../../../audit/run.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { sealEvents } from '../../../db/queries/event-chain.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { World } from './world.ts';

let postgres: TestPostgres;
let pool: Pool;
let world: World;
let owner: pg.Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  owner = new pg.Client(postgres.superuserUrl);
  await owner.connect();
  // As an owner who gets round every trigger: the audit must see what the guards cannot stop.
  await owner.query('set session_replication_role = replica');
  const { programId } = await aProgram(pool);
  world = new World(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  await world.touch(
    { id: 't1', partnerId, occurredAt: '2026-03-01T00:00:00Z' },
    { id: 't2', channel: 'tv', occurredAt: '2026-03-02T00:00:00Z' },
  );
  await world.sale('s1', 10_000, '2026-03-10T00:00:00Z');
  await world.refund('r1', 's1', 1_000);
  await world.drain();
  world.now = new Date(Date.parse(world.now) + 92 * 86_400_000).toISOString();
  await advanceBoundaries(pool, programId, { now: world.now });
  const windows = await world.rows<{ id: string }>(
    'select id from attribution_window where locks_at <= (select sealed_at from program_clock) order by no',
  );
  for (const { id } of windows) await lockWindow(pool, programId, id, world.now);
  await world.refund('r2', 's1', 2_000);
  await world.drain();
  await sealEvents(pool, programId);
});
afterAll(async () => {
  await owner.end();
  await pool.end();
  await postgres.stop();
});

const faults = async () =>
  (await auditProgram({ pool, client: null, providerUrl: null }, world.programId))
    .filter(({ result }) => result === 'fault')
    .map(({ name }) => name);

it('finds nothing wrong with books that were kept by the rules', async () => {
  expect(await faults()).toEqual([]);
});

it('takes no amount without an entry, and lets goodwill that netted to nothing stand in none, as it once was written', async () => {
  const name = 'every commission stands in the ledger';
  const given = (id: string, minor: number, revision: number) =>
    owner.query(
      `insert into commission select (jsonb_populate_record(c, $1::jsonb)).* from commission c where id = (select min(id) from commission where program_id = $2)`,
      [JSON.stringify({ id, kind: 'goodwill', amount_minor: minor, revision, entry_id: null }), world.programId],
    );
  await expect(given('com_odd_1', 500, 101)).rejects.toMatchObject({ constraint: 'commission_names_its_entry' });
  await owner.query('alter table commission drop constraint commission_names_its_entry');
  await given('com_odd_1', 500, 101);
  await given('com_odd_2', -500, 102);
  expect(await faults()).not.toContain(name);
  await owner.query(`update commission set amount_minor = -499 where id = 'com_odd_2'`);
  expect(await faults()).toContain(name);
  await owner.query(`update commission set amount_minor = -500, epoch = epoch + 1 where id = 'com_odd_2'`);
  expect(await faults()).toContain(name);
  await owner.query(
    `update commission set kind = 'adjustment', epoch = (select min(epoch) from commission) where id like 'com_odd_%'`,
  );
  expect(await faults()).toContain(name);
  await owner.query(`delete from commission where id like 'com_odd_%'`);
  expect(await faults()).toEqual([]);
  await owner.query(
    'alter table commission add constraint commission_names_its_entry check (entry_id is not null or amount_minor = 0)',
  );
});

it.each([
  [
    'debits equal credits in every entry',
    `update ledger_posting set amount_minor = amount_minor + 1 where no = (select min(no) from ledger_posting) and account = 'commission-expense'`,
    `update ledger_posting set amount_minor = amount_minor - 1 where no = (select min(no) from ledger_posting) and account = 'commission-expense'`,
  ],
  [
    'commission computed again is the commission posted',
    `update commission set amount_minor = amount_minor + 1, total_after_minor = total_after_minor + 1`,
    `update commission set amount_minor = amount_minor - 1, total_after_minor = total_after_minor - 1`,
  ],
  [
    'revisions of a commission add up without a gap',
    `update commission set total_after_minor = total_after_minor + 1`,
    `update commission set total_after_minor = total_after_minor - 1`,
  ],
  [
    'every conversion is credited exactly once',
    `update credit set share_e12 = share_e12 - 1`,
    `update credit set share_e12 = share_e12 + 1`,
  ],
  [
    'credit computed again from facts is the credit stored',
    `update credit set value_minor = value_minor + 1`,
    `update credit set value_minor = value_minor - 1`,
  ],
  [
    'nothing was added to a locked window',
    `update ledger_posting p set amount_minor = amount_minor + 1 from ledger_entry e where e.id = p.entry_id and e.kind = 'lock'`,
    `update ledger_posting p set amount_minor = amount_minor - 1 from ledger_entry e where e.id = p.entry_id and e.kind = 'lock'`,
  ],
  [
    'pending is what stands in windows that are not locked',
    `update ledger_entry set cause = 'x' || cause where kind = 'lock'`,
    `update ledger_entry set cause = substr(cause, 2) where kind = 'lock'`,
  ],
  [
    'every posting is the sum of its commissions',
    `update ledger_posting set amount_minor = amount_minor + 5`,
    `update ledger_posting set amount_minor = amount_minor - 5`,
  ],
  [
    'every commission stands in the ledger',
    `alter table commission drop constraint commission_names_its_entry; update commission set entry_id = 'none' || entry_id, reason = 'x'; update commission set entry_id = null where reason = 'x'`,
    '',
  ],
  [
    'no work was set aside',
    `insert into work_set_aside (program_id, id, queue, work, error) select program_id, 'w', 'intake_work', '{}', 'boom' from program`,
    'delete from work_set_aside',
  ],
  [
    'nobody who withdrew the consent is named',
    `insert into consent_withdrawal (program_id, identity_id, requested_by, received_at) select program_id, id, 'per_x', now() from identity`,
    'delete from consent_withdrawal',
  ],
  ['the chain of events verifies', `update event set kind = 'x' || kind`, `update event set kind = substr(kind, 2)`],
])('tells when it does not hold that %s', async (name, breakIt, mendIt) => {
  await owner.query(breakIt);
  expect(await faults()).toContain(name);
  await owner.query(mendIt);
});

it('lists work that a person explained as explained, and counts it as a fault while its task is open or was decided otherwise', async () => {
  const task = (id: string, at: string, decision: { state: string; outcome: string | null; reason?: string }) =>
    owner.query(
      `insert into task (program_id, id, kind, workflow_id, workflow_key, subject_type, subject_id, role, outcomes, data, opened_at, state, outcome,
         reason, decided_by_kind, decided_by, decided_at)
       values ($1, $2, 'reconciliation.difference', 'approval/work/wsa_1', $2, 'work', 'wsa_1', 'finance', '{explain,correct}', '{}', $3, $4, $5, $6,
         'person', case when $4 = 'done' then 'per_finn' end, case when $4 = 'done' then $3::timestamptz end)`,
      [world.programId, id, at, decision.state, decision.outcome, decision.reason ?? null],
    );
  const finding = async () =>
    (await auditProgram({ pool, client: null, providerUrl: null }, world.programId)).find(
      ({ name }) => name === 'no work was set aside',
    );
  await owner.query(
    `insert into work_set_aside (program_id, id, queue, work, error) values ($1, 'wsa_1', 'intake_work', '{}', 'boom')`,
    [world.programId],
  );
  await task('tsk_1', '2026-03-01T00:00:00Z', { state: 'open', outcome: null });
  expect(await finding()).toMatchObject({ result: 'fault', detail: expect.stringContaining('boom') });
  await owner.query(`delete from task where id = 'tsk_1'`);
  await task('tsk_2', '2026-03-02T00:00:00Z', { state: 'done', outcome: 'explain', reason: 'A test order.' });
  expect(await finding()).toMatchObject({
    result: 'explained',
    detail: 'Work wsa_1 was explained by per_finn: A test order.',
  });
  await task('tsk_3', '2026-03-03T00:00:00Z', { state: 'done', outcome: 'correct' });
  expect(await finding()).toMatchObject({ result: 'fault' });
  await owner.query('delete from task; delete from work_set_aside');
  expect(await finding()).toMatchObject({ result: 'ok', detail: null });
});

it('has a sentence for every check, each once', () => {
  expect(new Set(CHECKS.map(({ name }) => name)).size).toBe(CHECKS.length);
});
