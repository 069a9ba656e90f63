import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Command } from 'commander';
import { from as copyFrom } from 'pg-copy-streams';
import { takeImport } from '../db/import/take-import.ts';
import { uploadImport } from '../db/import/upload.ts';
import { intakeTouchpoints } from '../db/intake/touchpoints.ts';
import { newId } from '../db/ids.ts';
import { createPool } from '../db/pool.ts';
import { listProgramIds } from '../db/transaction.ts';

const { url, rows, persons, rounds } = new Command('tsx bench/import.ts')
  .description(
    'Touchpoints of a file and of batches of 1,000 per second, against a bare COPY of the same rows into a table with the same keys.',
  )
  .requiredOption('--url <url>', 'a migrated database with a program; the owner of its tables')
  .option('--rows <number>', 'rows of the file', Number, 100_000)
  .option('--persons <number>', 'visitors that the rows name in turn', Number, 20_000)
  .option('--rounds <number>', 'rounds, each with its own rival', Number, 3)
  .parse()
  .opts<{ url: string; rows: number; persons: number; rounds: number }>();

const pool = createPool({ url });
const owner = createPool({ url, role: null });
const programId = (await listProgramIds(pool))[0] ?? '';
if (programId === '') throw new Error('The database has no program.');

const COLUMNS = 'id,identity.visitorId,channel,kind,occurredAt';
const AT = '2026-01-01T00:00:00Z';
function* lines(run: string): Generator<Buffer> {
  const line = (n: number) => `${run}-${n},v${n % persons},video,click,${AT}\n`;
  for (let n = 0; n < rows; n += 1_000)
    yield Buffer.from(Array.from({ length: Math.min(1_000, rows - n) }, (_, i) => line(n + i)).join(''));
}

/** @returns milliseconds */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function bringFile(run: string): Promise<{ upload: number; take: number }> {
  const id = newId('import');
  const about = { id, kind: 'touchpoints' as const, format: 'csv' as const, by: { kind: 'system' as const } };
  const body = Readable.from([Buffer.from(`${COLUMNS}\n`), ...lines(run)]);
  const upload = await timed(() => uploadImport(pool, programId, about, body));
  return { upload, take: await timed(() => takeImport(pool, programId, id)) };
}

/** What `POST /v1/touchpoints` does with its body, two callers at once; HTTP itself is left out. */
async function sendBatches(run: string): Promise<number> {
  const item = (n: number) => ({
    ...{ id: `${run}-b${n}`, identity: { visitorId: `v${n % persons}` } },
    ...{ channel: 'video', kind: 'click', occurredAt: AT },
  });
  const bodies = Array.from({ length: Math.ceil(rows / 1_000) }, (_, batch) =>
    JSON.stringify(Array.from({ length: 1_000 }, (_item, i) => item(batch * 1_000 + i))),
  );
  const caller = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
      await intakeTouchpoints(pool, programId, JSON.parse(body) as unknown[]);
  };
  return timed(() => Promise.all([caller(), caller()]));
}

/** The rival: the file's rows as they are, into one table with a key and an index by person and time. */
async function copyBare(run: string): Promise<number> {
  const table = `bench_import_${run}`;
  await owner.query(
    `create table ${table} (id text primary key, identity text, channel text, kind text, at timestamptz); create index on ${table} (identity, at)`,
  );
  const client = await owner.connect();
  const copy = () =>
    pipeline(Readable.from(lines(run)), client.query(copyFrom(`copy ${table} from stdin (format csv)`)));
  const took = await timed(copy);
  client.release();
  await owner.query(`drop table ${table}`);
  return took;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const perSecond = (ms: number) => Math.round((rows / ms) * 1_000).toLocaleString('en');
const found: { upload: number; take: number; batches: number; bare: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  const run = `${Date.now().toString(36)}${round}`;
  const bare = await copyBare(run);
  found.push({ ...(await bringFile(run)), batches: await sendBatches(run), bare });
}
const of = (key: keyof (typeof found)[number]) => median(found.map((row) => row[key]));
const ratio = median(found.map(({ bare, take }) => bare / take));
console.log(
  `file: upload ${perSecond(of('upload'))}/s, taken in ${perSecond(of('take'))}/s; batches ${perSecond(of('batches'))}/s; bare COPY ${perSecond(of('bare'))}/s`,
);
console.log(`ratio ${ratio.toFixed(2)} of file to bare COPY (goal: at least 0.3 and 20,000/s)`);
await pool.end();
await owner.end();
