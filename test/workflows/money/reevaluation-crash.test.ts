import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { auditProgram } from '../../../audit/run.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { intakeTouchpoints } from '../../../db/intake/touchpoints.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { FIRST, StudyWorld } from '../../activities/attribution/study-world.ts';
import { workflowBundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { aPartner, aProgram, tenPercent } from '../../support/ground.ts';
import { firstMessage, killHard, spawnScript } from '../../support/script.ts';
import { startTestPostgres, startTestTemporal } from '../../support/stack.ts';
import type { TestPostgres, TestTemporal } from '../../support/stack.ts';
import { GateOfRows } from './gate-of-rows.ts';

let postgres: TestPostgres;
let temporal: TestTemporal;
let pool: Pool;
let codePath: string;
let gate: GateOfRows | undefined;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [postgres, temporal, { codePath }] = await Promise.all([startTestPostgres(), startTestTemporal(), workflowBundle()]);
  pool = createPool({ url: postgres.url });
}, 120_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await gate?.end();
  await pool.end();
  await temporal.stop();
  await postgres.stop();
});

/** Three partners' lines of so many are more than one step prices, or posts. */
const SALES = 400;
const at = (no: number) => new Date(Date.UTC(2026, 1, 1) + no * 60_000).toISOString();
const identity = (no: number) => ({ customerId: `c${no}` });

/** Three partners, one with a cap on its window, and sales that all of them touched, linear; the same in every program. */
async function aWorld(): Promise<StudyWorld & { partners?: string[] }> {
  const { programId } = await aProgram(pool);
  const world: StudyWorld & { partners?: string[] } = new StudyWorld(pool, programId);
  const plan = {
    rules: [{ kind: 'percentage' as const, basisPoints: 1_000 }],
    windowCap: { minor: 300_000, currency: 'EUR' },
  };
  const partners: string[] = [];
  for (const terms of [tenPercent(), { ...tenPercent(), plan }, tenPercent()])
    partners.push((await aPartner(pool, programId, { terms })).partnerId);
  const numbers = Array.from({ length: SALES }, (_, no) => no);
  const touches = numbers.flatMap((no) =>
    partners.map((partnerId, index) => ({
      id: `t${no}-${index}`,
      kind: 'click',
      partnerId,
      identity: identity(no),
      occurredAt: at(no * 3 + ((no + index) % 3)),
    })),
  );
  for (let from = 0; from < touches.length; from += 1_000)
    await intakeTouchpoints(pool, programId, touches.slice(from, from + 1_000));
  await sell(world, numbers);
  await world.drain();
  return Object.assign(world, { partners });
}

async function sell(world: StudyWorld, numbers: number[]): Promise<void> {
  for (let from = 0; from < numbers.length; from += 1_000)
    await intakeConversions(
      pool,
      world.programId,
      numbers.slice(from, from + 1_000).map((no) => ({
        externalId: `s${String(no).padStart(5, '0')}`,
        identity: identity(no % SALES),
        type: 'purchase',
        value: { minor: 1_000 + (no % 97) * 100, currency: 'EUR' },
        occurredAt: at(4_000 + no),
      })),
    );
}

/** What came in while it ran: a sale more, and a refund of one that is studied. */
async function meanwhile(world: StudyWorld): Promise<void> {
  await sell(world, [SALES + 1]);
  await world.refund('r1', 's00007', 500);
}

/** Everything that was posted, by the number of the partner: for sales, and for the lines of the re-evaluation. */
async function figuresOf(world: StudyWorld & { partners?: string[] }, evaluationId: string) {
  const rows = await world.rows<{ id: string; sale: string; all: number; lines: number; study: number | null }>(
    `select m.partner_id as id, c.external_id as sale, sum(m.amount_minor)::bigint as all,
       coalesce(sum(m.amount_minor) filter (where m.evaluation_id = $1), 0)::bigint as lines,
       max(l.commission_after_minor - l.commission_before_minor) as study
     from commission m
     join conversion c on c.id = m.conversion_id
     join evaluation e on e.id = $1
     left join study_line l on l.study_id = e.study_id and l.conversion_id = m.conversion_id and l.beneficiary_id = m.partner_id
     group by 1, 2
     having sum(m.amount_minor) <> 0 or count(m.evaluation_id) > 0`,
    [evaluationId],
  );
  return rows
    .map(({ id, sale, all, lines, study }) => [world.partners!.indexOf(id), sale, all, lines, study].join(' '))
    .sort();
}

it('ends with the same cents although its worker is killed while it credits, prices and posts, and sales come in meanwhile', async () => {
  const calm = await aWorld();
  const undisturbed = await calm.reevaluate(await calm.draft(FIRST));
  await meanwhile(calm);
  await calm.drain();

  const world = await aWorld();
  const { evaluationId, studyId } = await world.evaluation(await world.draft(FIRST));
  gate = await GateOfRows.shut(postgres.superuserUrl, world.programId);
  const { workflow } = temporal.client;
  await workflow.start('reevaluation', {
    taskQueue: `${temporal.prefix}attribution`,
    workflowId: `reevaluation/${evaluationId}`,
    args: [{ programId: world.programId, evaluationId }],
  });
  for (const moment of GateOfRows.MOMENTS) {
    const victim = await aWorker();
    // Ten seconds without a heartbeat, and the activity is given to the next worker.
    await eventually(async () => expect(await gate!.isWaitedAt(moment)).toBe(true), 40_000);
    if (moment === 'price') await meanwhile(world);
    await killHard(victim);
    await gate.open(moment);
  }
  const last = await aWorker();
  expect(await workflow.getHandle(`reevaluation/${evaluationId}`).result()).toBe('done');
  await killHard(last);
  await world.drain();

  const figures = await figuresOf(world, evaluationId);
  expect(figures.length).toBeGreaterThan(SALES * 3 - 1);
  expect(figures).toEqual(await figuresOf(calm, undisturbed));
  const apart = await world.rows(
    `select 1 from commission m join evaluation e on e.id = m.evaluation_id
     left join study_line l on l.study_id = $1 and l.conversion_id = m.conversion_id and l.beneficiary_id = m.partner_id
     where m.amount_minor is distinct from l.commission_after_minor - l.commission_before_minor`,
    [studyId],
  );
  expect(apart).toEqual([]);
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, world.programId);
  expect(findings.filter(({ result }) => result === 'fault')).toEqual([]);
}, 120_000);

async function aWorker(): Promise<ChildProcess> {
  const child = spawnScript('test/workflows/money/reevaluation-process.ts', [codePath], {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TASK_QUEUE_PREFIX: temporal.prefix,
  });
  children.push(child);
  await firstMessage(child);
  return child;
}
