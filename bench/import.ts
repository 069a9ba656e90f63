import { Readable } from 'node:stream';
import { Command } from 'commander';
import pg from 'pg';
import { takeImport } from '../db/import/take-import.ts';
import { uploadImport } from '../db/import/upload.ts';
import { intakeTouchpoints } from '../db/intake/touchpoints.ts';
import { newId } from '../db/ids.ts';
import { createPool } from '../db/pool.ts';
import { listProgramIds } from '../db/transaction.ts';
import { startBenchDatabase } from './credit/ground.ts';
import { measureHttp } from './import/http.ts';
import { ProcessorTime } from './import/processor-time.ts';
import type { Cost } from './import/processor-time.ts';
import { bareCopy, keyedCopy } from './import/rivals.ts';
import type { Rival } from './import/rivals.ts';
import { fileRows, HEADER, itemOf } from './import/rows.ts';
import type { RowSource } from './import/rows.ts';
import { median } from './measure.ts';

const ITEMS = 1_000;
const options = new Command('tsx bench/import.ts')
  .description(
    'Touchpoints of a file and of batches of 1,000 (HTTP left out) per second, against COPY of the same rows: bare, into a table with two indexes, and keyed, into our columns and keys.',
  )
  .option('--url <url>', 'a migrated database with a program, as the owner of its tables; one of its own when absent')
  .option('--rows <number>', 'rows of the file', Number, 100_000)
  .option('--persons <number>', 'visitors that the rows name in turn', Number, 20_000)
  .option('--rounds <number>', 'rounds, each with its own rivals', Number, 3)
  .option('--lanes <number>', 'chunks of the file under way at the same time', Number)
  .option('--file-only', 'neither batches nor rivals')
  .option('--http', 'only batches, over HTTP to a whole stack; build first')
  .option('--state <folder>', 'where that stack keeps its data', '.tandem/bench-import')
  .parse()
  .opts<{
    url?: string;
    rows: number;
    persons: number;
    rounds: number;
    lanes?: number;
    fileOnly?: boolean;
    http?: boolean;
    state: string;
  }>();

const say = (line: string) => void process.stdout.write(`${line}\n`);
const sourceOf = (round: number): RowSource => ({ run: `${Date.now().toString(36)}${round}`, ...options });
if (options.http) {
  const sources = Array.from({ length: options.rounds }, (_, round) => sourceOf(round));
  for (const { wallMs, oursMs, processorMs } of await measureHttp(options.state, sources, say)) {
    const parts = Object.entries(processorMs).map(([name, ms]) => `${name} ${perRow(ms)}`);
    say(`HTTP ${perSecond(wallMs)} rows/s; processor time per row: caller ${perRow(oursMs)}, ${parts.join(', ')}`);
  }
  process.exit(0);
}

const database = options.url === undefined ? await startBenchDatabase() : await openDatabase(options.url);
const { pool, owner, programId } = database;
const second = new pg.Client({ ...ofClient(owner) });
await second.connect();
const time = await ProcessorTime.of(pool);

async function openDatabase(url: string) {
  const ours = createPool({ url });
  const first = new pg.Client({ connectionString: url });
  await first.connect();
  const program = (await listProgramIds(ours))[0];
  if (program === undefined) throw new Error('The database has no program.');
  return {
    ...{ pool: ours, owner: first, programId: program },
    stop: async () => {
      await first.end();
      await ours.end();
    },
  };
}

function ofClient({ host, port, user, password, database: name }: pg.Client): pg.ClientConfig {
  return { host, port, user, password: password ?? '', database: name };
}

async function bringFile(source: RowSource): Promise<{ upload: Cost; take: Cost }> {
  const id = newId('import');
  const about = { id, kind: 'touchpoints' as const, format: 'csv' as const, by: { kind: 'system' as const } };
  function* file() {
    yield Buffer.from(HEADER);
    yield* fileRows(source);
  }
  const upload = await time.measure(() => uploadImport(pool, programId, about, Readable.from(file())));
  return {
    upload,
    take: await time.measure(() =>
      takeImport(pool, programId, id, options.lanes === undefined ? {} : { lanes: options.lanes }),
    ),
  };
}

/** What `POST /v1/touchpoints` does with its body, two callers at once. */
async function sendBatches(source: RowSource): Promise<Cost> {
  const bodies = Array.from({ length: Math.ceil(source.rows / ITEMS) }, (_, batch) =>
    JSON.stringify(Array.from({ length: ITEMS }, (_item, index) => itemOf(source, batch * ITEMS + index))),
  );
  const caller = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
      await intakeTouchpoints(pool, programId, JSON.parse(body) as unknown[]);
  };
  return time.measure(() => Promise.all([caller(), caller()]));
}

async function measureRival({ prepare, work, clear }: Rival): Promise<Cost> {
  await prepare();
  const cost = await time.measure(work);
  await clear();
  return cost;
}

type Work = 'upload' | 'take' | 'batches' | 'bare' | 'keyed';
const found: Partial<Record<Work, Cost>>[] = [];
try {
  for (let round = 0; round < options.rounds; round += 1) {
    const source = sourceOf(round);
    const costs: Partial<Record<Work, Cost>> = {};
    if (!options.fileOnly) {
      costs.bare = await measureRival(bareCopy(owner, source));
      costs.keyed = await measureRival(keyedCopy([owner, second], source, programId));
    }
    Object.assign(costs, await bringFile(source));
    if (!options.fileOnly) costs.batches = await sendBatches(source);
    found.push(costs);
    say(
      `round ${round + 1}: ${Object.entries(costs)
        .map(([name, cost]) => `${name} ${inWords(cost)}`)
        .join('; ')}`,
    );
  }
  say(`\nmedians of ${options.rows.toLocaleString('en')} rows, ${options.persons.toLocaleString('en')} persons`);
  for (const name of Object.keys(found[0]!) as Work[]) {
    const of = (figure: (cost: Cost) => number) => median(found.map((costs) => figure(costs[name]!)));
    say(
      `${name.padEnd(8)} ${perSecond(of(({ wallMs }) => wallMs)).padStart(9)} rows/s; processor time per row: ours ${perRow(of(({ oursMs }) => oursMs))}, database ${perRow(of(({ databaseMs }) => databaseMs ?? NaN))}; memory at most ${inMegabytes(of(({ peakRss }) => peakRss))}`,
    );
  }
  for (const rival of ['bare', 'keyed'] as const) {
    if (options.fileOnly) continue;
    const ratio = median(found.map((costs) => costs[rival]!.wallMs / costs.take!.wallMs));
    say(
      `ratio ${ratio.toFixed(2)} of the file to ${rival} COPY${rival === 'bare' ? ' (goal: at least 0.3 and 20,000/s)' : ''}`,
    );
  }
} finally {
  await second.end();
  await database.stop();
}

function perSecond(wallMs: number): string {
  return Math.round((options.rows / wallMs) * 1_000).toLocaleString('en');
}

function perRow(ms: number): string {
  return `${((ms * 1_000) / options.rows).toFixed(1)} µs`;
}

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}

function inWords({ wallMs, oursMs, databaseMs, peakRss }: Cost): string {
  return `${perSecond(wallMs)}/s (${perRow(oursMs)} + ${perRow(databaseMs ?? NaN)}, ${inMegabytes(peakRss)})`;
}
