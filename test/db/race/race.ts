import type { ChildProcess } from 'node:child_process';
import pg from 'pg';
import { advanceBoundaries } from '../../../activities/attribution/advance.ts';
import { drainCommissions, drainIntake } from '../../../activities/attribution/drain.ts';
import {
  cutReevaluation,
  executeReevaluation,
  postReevaluation,
} from '../../../activities/attribution/reevaluation-run.ts';
import { runStudy } from '../../../activities/attribution/study-run.ts';
import { auditProgram } from '../../../audit/run.ts';
import { newId } from '../../../db/ids.ts';
import { createPool } from '../../../db/pool.ts';
import type { Pool } from '../../../db/pool.ts';
import { insertEvaluation } from '../../../db/queries/evaluation.ts';
import { insertPolicyDraft } from '../../../db/queries/policy-version.ts';
import { insertStudy } from '../../../db/queries/study.ts';
import { inTransaction } from '../../../db/transaction.ts';
import { defaultSettings } from '../../../domain/program/settings.ts';
import { aPartner, aProgram, LINEAR, tenPercent } from '../../support/ground.ts';
import { firstMessage, killHard, spawnScript } from '../../support/script.ts';
import type { TestPostgres } from '../../support/postgres.ts';
import type { ActorPlan, Role } from './actor.ts';
import { Dice } from './dice.ts';

/** How a run differs from the plain one; each control takes one guard away and must be seen to fail. */
export type Control = 'none' | 'without-barrier' | 'without-order';

export interface RacePlan {
  seed: number;
  durationMs: number;
  control?: Control;
}

export interface RaceResult {
  conversions: number;
  locks: number;
  /** Processes that acted and were killed by `kill -9`. */
  kills: number;
  /** Connections that were ended in the middle of a statement or a transaction. */
  cuts: number;
  /** Counted by PostgreSQL. */
  deadlocks: number;
  /** Conversions that were received before a seal and credited after it. */
  missed: number;
  faults: string[];
  errors: string[];
}

const SHORT = { period: 'PT2S', lockAfter: 'PT1S', payAfter: 'PT1S' };
const ACTORS: Role[][] = [
  ['intake', 'feed', 'sealer', 'poster', 'settler'],
  ['intake', 'feed', 'boundary', 'poster', 'settler', 'holder'],
];

/**
 * Facts, withdrawals, feeds, posters, settlers, holds, a sealer and a re-evaluation at once, connections cut twice a second and processes killed; then
 * everything is drained and computed again from the facts.
 */
export async function race(
  postgres: TestPostgres,
  { seed, durationMs, control = 'none' }: RacePlan,
): Promise<RaceResult> {
  const pool = createPool({ url: postgres.url, size: 4 });
  const root = new pg.Client(postgres.superuserUrl);
  await root.connect();
  const crew: Crew = { children: [], errors: [], kills: 0, cuts: 0 };
  try {
    const { programId } = await aProgram(pool, { settings: { ...defaultSettings(), calendar: SHORT } });
    const terms = { ...tenPercent(), calendar: SHORT };
    const contractFrom = new Date(Date.now() - 1_000).toISOString();
    const partners = await Promise.all([1, 2, 3, 4, 5].map(() => aPartner(pool, programId, { terms, contractFrom })));
    const plan = { url: postgres.url, programId, partnerIds: partners.map(({ partnerId }) => partnerId) };
    await prepare(root, control);
    const roles =
      control === 'without-order' ? ACTORS.map((own) => [...own, 'disorder' as const, 'disorder' as const]) : ACTORS;
    const clock = new Clock(durationMs);
    const acting = roles.map((own, index) => actFor({ ...plan, seed: seed * 10 + index, roles: own }, crew, clock));
    const until = await clock.started;
    const cutting = cutConnections(root, postgres.database, crew, new Dice(seed), until);
    await wait(durationMs / 2);
    const evaluation = control === 'none' ? await reevaluate(pool, programId) : null;
    await Promise.all([cutting, ...acting]);
    return await judge(pool, root, { programId, database: postgres.database, crew, evaluation });
  } finally {
    for (const child of crew.children) if (child.exitCode === null && child.signalCode === null) await killHard(child);
    await pool.end();
    await root.end();
  }
}

interface Crew {
  children: ChildProcess[];
  errors: string[];
  kills: number;
  cuts: number;
}

/** Notes each seal, and takes the guard away that the control is about. */
async function prepare(root: pg.Client, control: Control): Promise<void> {
  await root.query(`
    create table race_seal (program_id text, sealed_at timestamptz, epoch integer);
    grant insert on race_seal to tandem_app;
    create function note_seal() returns trigger language plpgsql as $$
    begin insert into race_seal values (new.program_id, new.sealed_at, new.epoch); return new; end $$;
    create trigger note_seal after update of sealed_at on program_clock for each row execute function note_seal();`);
  if (control !== 'without-barrier') return;
  // A lock that locks nothing stands before the real one, and commits are slow: what is stamped early is seen late.
  await root.query(`
    create function public.pg_advisory_xact_lock_shared(integer, integer) returns void language sql as 'select null::void';
    create function slow_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(0.12); return null; end $$;
    create constraint trigger slow_commit after insert on conversion deferrable initially deferred for each row execute function slow_commit();`);
  const { rows } = await root.query<{ name: string }>('select current_database() as name');
  await root.query(`alter database ${rows[0]!.name} set search_path = public, pg_catalog`);
}

/** One actor after the other in the same place, each killed a few seconds after it was ready, in the middle of whatever it does. */
async function actFor(plan: ActorPlan, crew: Crew, clock: Clock): Promise<void> {
  const dice = new Dice(plan.seed);
  for (let life = 0; !clock.isOver(); life += 1) {
    const child = spawnScript('test/db/race/actor.ts', [JSON.stringify({ ...plan, seed: plan.seed + life * 1_000 })]);
    crew.children.push(child);
    child.on('message', ({ role, error }: { role?: string; error?: string }) => {
      if (error !== undefined) crew.errors.push(`${role}: ${error}`);
    });
    await firstMessage(child);
    const until = clock.start();
    await wait(Math.min(until - Date.now(), 2_000 + dice.below(3_000)));
    await killHard(child);
    crew.kills += 1;
  }
}

/** Runs from the moment the first actor is ready: a slow machine gets as long as a fast one. */
class Clock {
  readonly #durationMs: number;
  readonly started: Promise<number>;
  #start: (until: number) => void = () => undefined;
  #until: number | null = null;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
  }

  /** @returns when it is over, epoch ms */
  start(): number {
    this.#until ??= Date.now() + this.#durationMs;
    this.#start(this.#until);
    return this.#until;
  }

  isOver(): boolean {
    return this.#until !== null && Date.now() >= this.#until;
  }
}

/** Twice a second a connection dies in the middle of a statement or between two. */
async function cutConnections(root: pg.Client, database: string, crew: Crew, dice: Dice, until: number): Promise<void> {
  while (Date.now() < until) {
    await wait(500);
    const { rows } = await root.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = $1 and application_name = 'tandem' and state <> 'idle' and pid <> pg_backend_pid() order by pid`,
      [database],
    );
    if (rows.length === 0) continue;
    await root.query('select pg_terminate_backend($1)', [dice.one(rows).pid]);
    crew.cuts += 1;
  }
}

interface RaceEvaluation {
  evaluationId: string;
  studyId: string;
}

async function reevaluate(pool: Pool, programId: string): Promise<RaceEvaluation> {
  const [evaluationId, studyId, policyId] = [newId('evaluation'), newId('study'), newId('policy')];
  const toAt = new Date().toISOString();
  const fromAt = new Date(Date.now() - 60_000).toISOString();
  await persist(() =>
    inTransaction(pool, programId, async (tx) => {
      await insertPolicyDraft(tx, {
        id: policyId,
        body: { ...LINEAR, name: 'Last', model: { kind: 'last' } },
        createdBy: 'per_x',
      });
      await insertStudy(tx, { id: studyId, policyId, fromAt, toAt, requestedBy: 'per_x', evaluationId });
      await insertEvaluation(tx, {
        id: evaluationId,
        policyId,
        studyId,
        approvedStudyId: null,
        fromAt,
        toAt,
        downward: 'recover',
        feedbackId: null,
        requestedBy: 'per_x',
      });
    }),
  );
  const options = () => ({ now: new Date().toISOString() });
  await persist(() => cutReevaluation(pool, programId, evaluationId, options()));
  await persist(() => runStudy(pool, programId, studyId, options()));
  await persist(() => executeReevaluation(pool, programId, evaluationId, options().now));
  await persist(() => postReevaluation(pool, programId, evaluationId, options()));
  return { evaluationId, studyId };
}

/** Every step may be repeated: that is what Temporal does when a connection is cut. */
async function persist<Result>(step: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await step();
    } catch (error) {
      if (tries >= 20 || (error as { name?: string }).name === 'DomainError') throw error;
    }
  }
}

async function judge(
  pool: Pool,
  root: pg.Client,
  {
    programId,
    database,
    crew,
    evaluation,
  }: { programId: string; database: string; crew: Crew; evaluation: RaceEvaluation | null },
): Promise<RaceResult> {
  // Until the last connections that were killed have let go.
  for (let tries = 0; tries < 50; tries += 1) {
    const now = new Date().toISOString();
    await persist(() => advanceBoundaries(pool, programId, { now }));
    const intake = await persist(() => drainIntake(pool, programId, { now }));
    const commission = await persist(() => drainCommissions(pool, programId, { now }));
    if (intake.taken + commission.taken === 0) break;
  }
  const findings = await auditProgram({ pool, client: null, providerUrl: null }, programId);
  const faults = findings.filter(({ result }) => result === 'fault').map(({ name, detail }) => `${name}: ${detail}`);
  const number = async (text: string, values: unknown[] = []) =>
    Number((await root.query<{ n: string }>(text, values)).rows[0]?.n ?? 0);
  const missed = await number(
    `select count(*) as n from conversion c
     join lateral (select s.epoch from race_seal s where s.program_id = c.program_id and s.sealed_at > c.received_at order by s.sealed_at limit 1) s on true
     where c.program_id = $1 and coalesce((select min(epoch) from credit k where k.conversion_id = c.id), s.epoch) >= s.epoch`,
    [programId],
  );
  if (evaluation) {
    const lines = await number('select count(*) as n from commission where evaluation_id = $1', [
      evaluation.evaluationId,
    ]);
    if (lines === 0) faults.push('The re-evaluation posted nothing: the race proves nothing of it.');
  }
  return {
    conversions: await number('select count(*) as n from conversion where program_id = $1', [programId]),
    locks: await number('select count(*) as n from race_seal where program_id = $1', [programId]),
    kills: crew.kills,
    cuts: crew.cuts,
    deadlocks: await number('select deadlocks as n from pg_stat_database where datname = $1', [database]),
    missed,
    faults,
    errors: crew.errors,
  };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
