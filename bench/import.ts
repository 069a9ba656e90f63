import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { from as copyFrom } from 'pg-copy-streams';
import { takeImport } from '../db/import/take-import.ts';
import { uploadImport } from '../db/import/upload.ts';
import { newId } from '../db/ids.ts';
import { createPool } from '../db/pool.ts';
import { listProgramIds } from '../db/transaction.ts';

const { url, rows } = new Command('tsx bench/import.ts')
  .description(
    'Touchpoints of a file per second, against a bare COPY of the same rows into a table with the same keys.',
  )
  .requiredOption('--url <url>', 'a migrated database with a program; the owner of its tables')
  .option('--rows <number>', 'rows of the file', Number, 100_000)
  .parse()
  .opts<{ url: string; rows: number }>();

const pool = createPool({ url });
const owner = createPool({ url, role: null });
const [programId] = await listProgramIds(pool);
if (programId === undefined) throw new Error('The database has no program.');
const run = Date.now().toString(36);
const line = (n: number) => `${run}-${n},v${n % 20_000},video,click,2026-01-01T00:00:00Z\n`;
function* file() {
  for (let n = 0; n < rows; n += 1_000)
    yield Buffer.from(Array.from({ length: Math.min(1_000, rows - n) }, (_, i) => line(n + i)).join(''));
}

const id = newId('import');
const started = performance.now();
const body = Readable.from(
  (function* () {
    yield Buffer.from('id,identity.visitorId,channel,kind,occurredAt\n');
    yield* file();
  })(),
);
await uploadImport(pool, programId, { id, kind: 'touchpoints', format: 'csv', by: { kind: 'system' } }, body);
const sent = performance.now();
await takeImport(pool, programId, id);
const taken = performance.now();

const table = `bench_import_${run}`;
await owner.query(
  `create table ${table} (id text primary key, identity text, channel text, kind text, at timestamptz); create index on ${table} (identity, at)`,
);
const client = await owner.connect();
const copying = performance.now();
await pipeline(Readable.from(file()), client.query(copyFrom(`copy ${table} from stdin (format csv)`)));
const copied = performance.now();
client.release();
await owner.query(`drop table ${table}`);

const perSecond = (ms: number) => Math.round((rows / ms) * 1_000);
console.log(
  `upload ${perSecond(sent - started)}/s, taken in ${perSecond(taken - sent)}/s, bare COPY ${perSecond(copied - copying)}/s`,
);
console.log(`ratio ${((copied - copying) / (taken - sent)).toFixed(2)} (goal: at least 0.3 and 20,000/s)`);
await pool.end();
await owner.end();
