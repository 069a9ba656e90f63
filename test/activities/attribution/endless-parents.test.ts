import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { feedStep } from '../../../activities/attribution/feed-step.ts';
import { intakeConversions } from '../../../db/intake/conversions.ts';
import { explainConversion } from '../../../db/attribution/explanation.ts';
import { explainStudied } from '../../../db/attribution/study-explanation.ts';
import { loadCreditFacts } from '../../../db/attribution/credit-facts.ts';
import { loadParentShares } from '../../../db/attribution/study-parents.ts';
import { draftSpan } from '../../../db/attribution/study-rules.ts';
import { findCreditNotReproduced } from '../../../db/audit/credits.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { readPolicySpans } from '../../../db/queries/policy-period.ts';
import type { Tx } from '../../../db/transaction.ts';
import { aPartner, aProgram } from '../../support/ground.ts';
import { startTestPostgres } from '../../support/postgres.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import { FIRST, StudyWorld } from './study-world.ts';

const MIGRATION = new URL('../../../db/migrations/0031-circles-stored-before.sql', import.meta.url);
const DAY_MS = 86_400_000;

let postgres: TestPostgres;
let pool: Pool;
/** Past the intake and the rules that facts stay as they are. */
let root: pg.Client;

beforeAll(async () => {
  postgres = await startTestPostgres();
  pool = createPool({ url: postgres.url });
  root = new pg.Client({ connectionString: postgres.superuserUrl });
  await root.connect();
  await root.query('set session_replication_role = replica');
});
afterAll(async () => {
  await root.end();
  await pool.end();
  await postgres.stop();
});

async function aWorld() {
  const { programId } = await aProgram(pool);
  return new StudyWorld(pool, programId);
}

/** Sales, each to a person of its own who came through one channel alone. @returns their ids */
async function sell(world: StudyWorld, channels: Record<string, string>): Promise<string[]> {
  const identity = (name: string) => ({ customerId: `of-${name}` });
  await world.touch(
    ...Object.entries(channels).map(([name, channel]) => ({
      id: `t-${name}`,
      identity: identity(name),
      channel,
      occurredAt: '2026-03-01T00:00:00Z',
    })),
  );
  const results = await intakeConversions(
    pool,
    world.programId,
    Object.keys(channels).map((externalId) => ({
      externalId,
      identity: identity(externalId),
      type: 'purchase',
      value: { minor: 1_000, currency: 'EUR' },
      occurredAt: '2026-03-10T00:00:00Z',
    })),
  );
  return results.map(({ id }) => id!);
}

/** Conversions that name parents as intake would not take them. */
async function nameParents(world: StudyWorld, parents: Record<string, string>): Promise<void> {
  await root.query(
    `update conversion c set parent_external_id = p.parent
     from unnest($2::text[], $3::text[]) as p (child, parent) where c.program_id = $1 and c.external_id = p.child`,
    [world.programId, Object.keys(parents), Object.values(parents)],
  );
}

/** @returns how many credits each step changed, until nothing is left */
async function feed(world: StudyWorld, most: number): Promise<number[]> {
  const steps: number[] = [];
  for (;;) {
    const { taken, changed } = await world.tx((tx) => feedStep(tx, world.now));
    if (taken === 0) return steps;
    steps.push(changed);
    if (steps.length > most) throw new Error(`The feed goes on after ${most} steps: ${steps.join(' ')}`);
  }
}

const explained = async (world: StudyWorld, id: string) => (await world.tx((tx) => explainConversion(tx, id)))!;
const isReproduced = async (world: StudyWorld) => expect(await world.tx(findCreditNotReproduced)).toBeNull();

describe('conversions whose parents go round in a circle', () => {
  let world: StudyWorld;
  const ids: Record<string, string> = {};
  const channels = { a: 'radio', b: 'tv', x: 'print', y: 'radio', z: 'tv', hanging: 'web', low: 'app' };

  beforeAll(async () => {
    world = await aWorld();
    const sold = await sell(world, channels);
    for (const [index, name] of Object.keys(channels).entries()) ids[name] = sold[index]!;
    await nameParents(world, { a: 'b', b: 'a', x: 'y', y: 'z', z: 'x', hanging: 'x', low: 'hanging' });
  });

  it('keep the feed for no more steps than others', async () => {
    expect(await feed(world, 10)).toEqual([7, 0]);
    expect(await world.rows('select 1 from intake_work')).toEqual([]);
  });

  it('are credited by their own journeys, those below the circle too, and say why', async () => {
    for (const [name, channel] of Object.entries(channels)) {
      expect(await world.credits(name)).toEqual({ [channel]: 1_000 });
      expect(await explained(world, ids[name]!)).toMatchObject({
        inheritedFrom: null,
        notInherited: 'endless-parents',
        isReproduced: true,
        touchpoints: [{ id: `t-${name}`, weight: 1 }],
      });
    }
    await isReproduced(world);
  });

  it('are so in a study, which reads no level of parents for them', async () => {
    const study = await world.studied(FIRST);
    const lines = await world.rows<{ id: string; was: string; is: string }>(
      `select c.external_id as id, l.beneficiary_id as is from study_line l join conversion c on c.id = l.conversion_id
       where l.study_id = $1 order by 1`,
      [study.id],
    );
    expect(Object.fromEntries(lines.map(({ id, is }) => [id, is]))).toEqual(channels);
    const sides = await world.tx((tx) => explainStudied(tx, study, Object.values(ids)));
    for (const { before, after } of sides.values())
      for (const side of [before, after])
        expect(side).toMatchObject({ inheritedFrom: null, notInherited: 'endless-parents' });

    const draft = draftSpan(study);
    const asked = await world.tx(async (tx) => {
      const reading = { horizon: study.cutAt!, sealedAt: study.cutAt!, isEvidenceUnlimited: true };
      const spans = [...(await readPolicySpans(tx, reading)), draft];
      const facts = await loadCreditFacts(tx, Object.values(ids), reading);
      let queries = 0;
      const counted: Tx = { ...tx, query: (text, values) => ((queries += 1), tx.query(text, values)) };
      expect((await loadParentShares(counted, study, facts, { draft, spans })).size).toBe(0);
      return queries;
    });
    expect(asked).toBe(0);
  });

  it('are evaluated so', async () => {
    await world.reevaluate(await world.draft(FIRST));
    expect((await feed(world, 10)).at(-1) ?? 0).toBe(0);
    for (const [name, channel] of Object.entries(channels))
      expect(await world.credits(name)).toEqual({ [channel]: 1_000 });
    await isReproduced(world);
  });
});

it('a line of parents is inherited over 100 levels, and begins anew below them', async () => {
  const world = await aWorld();
  const names = Array.from({ length: 103 }, (_, n) => `n${n}`);
  const ids = await sell(world, Object.fromEntries(names.map((name) => [name, name === 'n0' ? 'radio' : 'tv'])));
  await nameParents(world, Object.fromEntries(names.slice(1).map((name, n) => [name, `n${n}`])));
  expect((await feed(world, 10)).length).toBeLessThanOrEqual(2);
  const channels = await Promise.all(names.map((name) => world.credits(name)));
  expect(channels.map((credit) => Object.keys(credit).join()).join(' ')).toBe(`${'radio '.repeat(101)}tv tv`);
  expect(await explained(world, ids[100]!)).toMatchObject({ inheritedFrom: ids[99]!, notInherited: null });
  expect(await explained(world, ids[101]!)).toMatchObject({ inheritedFrom: null, notInherited: 'endless-parents' });
  await isReproduced(world);

  const { id } = await world.studied(FIRST);
  const lines = await world.rows(
    'select c.external_id as name, l.beneficiary_id as channel from study_line l join conversion c on c.id = l.conversion_id where l.study_id = $1',
    [id],
  );
  const studied = new Map(lines.map(({ name, channel }) => [name, channel]));
  expect(names.map((name) => studied.get(name)).join(' ')).toBe(`${'radio '.repeat(101)}tv tv`);
}, 120_000);

it('what was inherited round a circle that was stored before the rule is credited anew once, but for what is locked', async () => {
  const world = await aWorld();
  const names = Array.from({ length: 102 }, (_, n) => `n${n}`);
  const line = Object.fromEntries(names.slice(1).map((name, n) => [name, `n${n}`]));
  await sell(world, { x: 'radio', y: 'tv', child: 'web', ...Object.fromEntries(names.map((name) => [name, 'app'])) });
  await nameParents(world, { y: 'x', child: 'n0', ...line });
  await feed(world, 10);
  expect(await world.credits('y')).toEqual({ radio: 1_000 });
  await nameParents(world, { x: 'y' });
  expect(await world.tx(findCreditNotReproduced)).not.toBeNull();

  const migrated = async () => {
    const owner = new pg.Client({ connectionString: postgres.ownerUrl });
    await owner.connect();
    await owner.query(`begin; ${readFileSync(MIGRATION, 'utf8')} commit`);
    await owner.end();
    return world.rows<{ name: string }>(
      'select c.external_id as name from intake_work w join conversion c on c.id = w.conversion_id order by 1',
    );
  };
  expect(await migrated()).toEqual([{ name: 'n101' }, { name: 'x' }, { name: 'y' }]);
  await feed(world, 10);
  expect(await world.credits('x')).toEqual({ radio: 1_000 });
  expect(await world.credits('y')).toEqual({ tv: 1_000 });
  await isReproduced(world);

  await root.query(`update program_clock set cut_at = now(), sealed_at = now() where program_id = $1`, [
    world.programId,
  ]);
  await root.query(`update conversion_state set locks_at = '2026-04-01' where program_id = $1`, [world.programId]);
  expect(await migrated()).toEqual([]);
});

it('what a locked renewal inherited stays, when a circle is closed after its lock', async () => {
  const { programId } = await aProgram(pool);
  const world = new StudyWorld(pool, programId);
  const { partnerId } = await aPartner(pool, programId);
  const identity = { customerId: 'of-first' };
  await world.touch({ id: 't1', partnerId, identity, occurredAt: '2026-03-01T00:00:00Z' });
  await world.sale('first', 1_000, '2026-03-10T00:00:00Z', { identity });
  const [renewalId] = await sell(world, { renewal: 'tv' });
  await nameParents(world, { renewal: 'first', first: 'late' });
  await world.drain();
  expect(await world.credits('renewal')).toEqual({ [partnerId]: 1_000 });

  world.now = new Date(Date.parse(world.now) + 93 * DAY_MS).toISOString();
  await world.drain();
  const [lateId] = await sell(world, { late: 'radio' });
  await nameParents(world, { late: 'renewal' });
  await feed(world, 10);
  expect(await world.credits('late')).toEqual({ radio: 1_000 });
  expect((await explained(world, lateId!)).notInherited).toBe('endless-parents');
  expect(await world.credits('renewal')).toEqual({ [partnerId]: 1_000 });
  expect(await explained(world, renewalId!)).toMatchObject({ notInherited: null, isReproduced: true });
  await isReproduced(world);
}, 60_000);
