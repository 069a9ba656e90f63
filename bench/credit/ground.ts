import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../db/migrate.ts';
import { createPool } from '../../db/pool.ts';
import type { Pool } from '../../db/pool.ts';
import { joinAppRole, makeLogins, provisionDatabase, urlFor } from '../../db/provision.ts';
import { newId } from '../../db/ids.ts';
import { insertFoundingPolicy, insertProgram } from '../../db/queries/program-foundation.ts';
import { inTransaction } from '../../db/transaction.ts';
import { readPolicy } from '../../domain/attribution/policy-document.ts';
import { defaultTerms } from '../../domain/contract/terms.ts';
import { defaultSettings } from '../../domain/program/settings.ts';
import { startPostgres } from '../../runtime/embedded/postgres.ts';

/** Both ways run on the same server, with memory enough for either: a quarter of the machine's for its buffers, as PostgreSQL's manual advises. */
const SETTINGS = [
  `shared_buffers=${Math.floor(totalmem() / 4 / 2 ** 20)}MB`,
  ...['max_wal_size=16GB', 'wal_buffers=64MB', 'maintenance_work_mem=1GB', 'checkpoint_timeout=30min'],
];

export const TOUCHPOINTS_EACH = 6;
const PARTNERS = 200;
const POLICY = { name: 'Linear', model: { kind: 'linear' } };

/** A server of its own with a program, and a superuser who fills it. */
export interface BenchDatabase {
  pool: Pool;
  owner: pg.Client;
  programId: string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL in a temporary folder, migrated, with one program and partners under contract. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const stateDir = mkdtempSync(join(tmpdir(), 'tandem-bench-'));
  chmodSync(stateDir, 0o755);
  const server = await startPostgres({ stateDir, settings: SETTINGS });
  const logins = makeLogins();
  await provisionDatabase(server.url, 'tandem', logins);
  await migrate(urlFor(server.url, 'tandem', logins.owner));
  await joinAppRole(server.url, logins);
  const pool = createPool({ url: urlFor(server.url, 'tandem', logins.api), statementTimeoutMs: 3_600_000 });
  const superuser = new URL(server.url);
  superuser.pathname = '/tandem';
  const owner = new pg.Client({ connectionString: superuser.href });
  await owner.connect();
  const programId = newId('program');
  await inTransaction(pool, programId, async (tx) => {
    await insertProgram(tx, { name: 'Bench', currency: 'EUR', timeZone: 'UTC', settings: defaultSettings() });
    await insertFoundingPolicy(tx, readPolicy(POLICY), 'system');
  });
  await insertPartners(owner, programId);
  const stop = async () => {
    await owner.end();
    await pool.end();
    await server.stop();
    rmSync(stateDir, { recursive: true, force: true });
  };
  return { pool, owner, programId, stop };
}

async function insertPartners(owner: pg.Client, programId: string): Promise<void> {
  await owner.query(
    `insert into partner (program_id, id, name, email, type, country, status, status_since, workflow_id)
     select $1, 'prt_' || lpad(n::text, 26, '0'), 'Partner ' || n, n || '@example.com', 'creator', 'DE', 'active', now(), 'partner/' || n
     from generate_series(0, ${PARTNERS - 1}) n`,
    [programId],
  );
  await owner.query(
    `insert into partner_profile (program_id, partner_id, effective_from, language, time_zone, currency, type, received_at)
     select program_id, id, '2020-01-01', 'en', 'UTC', 'EUR', 'creator', now() from partner where program_id = $1`,
    [programId],
  );
  await owner.query(
    `insert into contract (program_id, id, partner_id, round, template_id, state, current_version)
     select $1, 'ctr_' || lpad(n::text, 26, '0'), 'prt_' || lpad(n::text, 26, '0'), 1, 'tpl', 'in_force', 1 from generate_series(0, ${PARTNERS - 1}) n`,
    [programId],
  );
  await owner.query(
    `insert into contract_version (program_id, contract_id, version, terms, hash, body, effective_from, offered_at, offered_by)
     select $1, 'ctr_' || lpad(n::text, 26, '0'), 1, $2, '', '', '2026-01-01', now(), 'system' from generate_series(0, ${PARTNERS - 1}) n`,
    [programId, { ...defaultTerms('EUR'), plan: { rules: [{ kind: 'percentage', basisPoints: 1_000 }] } }],
  );
  await owner.query(
    `insert into contract_fact (program_id, partner_id, contract_id, kind, version, at, received_at)
     select $1, 'prt_' || lpad(n::text, 26, '0'), 'ctr_' || lpad(n::text, 26, '0'), 'in-force', 1, '2026-01-01', '2026-01-01'
     from generate_series(0, ${PARTNERS - 1}) n`,
    [programId],
  );
}

/**
 * Conversions over sixty days, each of a person of its own, with six touchpoints in the 32 days before (some are too old to count), half of them
 * from its two partners;
 * touchpoints lie in the table in the order of time, as intake leaves them. Everything follows from hashes: the same on each run.
 */
export async function fillJourneys(owner: pg.Client, programId: string, conversions: number): Promise<void> {
  await owner.query('truncate touchpoint, conversion');
  const dice = (salt: number, of = 'n') => `(abs(hashint8extended(${of}, ${salt})) % 1000003)::float8 / 1000003`;
  await owner.query(
    `insert into conversion (program_id, id, external_id, digest, identity_id, type, value_minor, currency, occurred_at, received_at)
     select $1, 'cnv_' || lpad(n::text, 26, '0'), 'order-' || n, '', 'idn_' || lpad(n::text, 26, '0'), 'purchase',
       100 + (${dice(1)} * 50000)::bigint, 'EUR', at, at
     from (select n, '2026-04-01'::timestamptz + n * interval '60 days' / ${conversions} as at from generate_series(0, ${conversions - 1}) n) c`,
    [programId],
  );
  await owner.query(
    `insert into touchpoint (program_id, id, occurred_at, received_at, identity_id, channel, partner_id, kind)
     select $1, 'tch_' || lpad((n * ${TOUCHPOINTS_EACH} + k)::text, 26, '0'), at, at + interval '1 second', 'idn_' || lpad(n::text, 26, '0'),
       case when partner is null then (array['paid_search', 'paid_social', 'email', 'direct'])[1 + (${dice(5, 'm')} * 4)::int % 4]
         else (array['video', 'blog', 'newsletter'])[1 + partner % 3] end,
       'prt_' || lpad(partner::text, 26, '0'), 'click'
     from (
       select n, k, case when ${dice(3, 'm')} < 0.5 then (${dice(6, `n * 2 + k % 2`)} * ${PARTNERS})::int % ${PARTNERS} end as partner, m,
         '2026-04-01'::timestamptz + n * interval '60 days' / ${conversions} - ${dice(2, 'm')} * interval '32 days' as at
       from (
         select n, k, n * ${TOUCHPOINTS_EACH} + k as m from generate_series(0, ${conversions - 1}) n, generate_series(0, ${TOUCHPOINTS_EACH - 1}) k
       ) numbered
     ) t
     order by at`,
    [programId],
  );
  await owner.query('vacuum analyze touchpoint, conversion');
}

/** The persons of those conversions as the program knows them: what reports join by. */
export async function fillIdentities(owner: pg.Client, programId: string): Promise<void> {
  await owner.query(
    `insert into identity (program_id, id, kind, value, component_id)
     select program_id, identity_id, 'customer', identity_id, identity_id from conversion where program_id = $1`,
    [programId],
  );
  await owner.query('vacuum analyze identity');
}

/**
 * Writes so much into the log and lets a checkpoint make its files usable again: whoever runs next writes over files that are there, as on a server
 * that has run for a while. Without it only the first of two ways pays for making them.
 */
export async function makeLogFiles(owner: pg.Client, gigabytes: number): Promise<void> {
  await owner.query('checkpoint');
  await owner.query(
    `select count(pg_logical_emit_message(false, 'bench', repeat('x', 1048576))) from generate_series(1, $1)`,
    [Math.ceil(gigabytes * 1024)],
  );
  await owner.query('checkpoint');
}

/**
 * Fills the server's buffers once, so that every way finds pages of memory that are there, as on a server that has run for a while. Without it the
 * system makes and empties each of them for the first of two ways alone.
 */
export async function touchBuffers(owner: pg.Client): Promise<void> {
  await owner.query('create unlogged table bench_filler (content text storage plain)');
  await owner.query(
    `insert into bench_filler select repeat('x', 7000)
     from generate_series(1, (select setting::integer from pg_settings where name = 'shared_buffers'))`,
  );
  await owner.query('drop table bench_filler');
}

/** An empty table with the columns, keys and guards of `credit`. */
export async function makeCreditTable(owner: pg.Client, table: string): Promise<void> {
  await owner.query(`drop table if exists ${table}`);
  await owner.query(`create table ${table} (like credit including defaults including constraints)`);
  await owner.query(
    `alter table ${table} add primary key (program_id, conversion_id, generation, beneficiary_kind, beneficiary_id, channel, conversion_at)`,
  );
  await owner.query(`create index on ${table} (beneficiary_id, conversion_at) where beneficiary_kind = 'partner'`);
  await owner.query(`select protect_insert_only('${table}')`);
}
