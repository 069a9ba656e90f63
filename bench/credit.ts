import { Command } from 'commander';
import { benchArithmetic, clockArithmetic } from './credit/arithmetic.ts';
import { runColumns } from './credit/columns.ts';
import { runFeed } from './credit/fed.ts';
import {
  fillJourneys,
  makeCreditTable,
  makeLogFiles,
  startBenchDatabase,
  touchBuffers,
  TOUCHPOINTS_EACH,
} from './credit/ground.ts';
import { MODELS } from './credit/models.ts';
import { runCopies, runRival } from './credit/rival.ts';

const options = new Command('tsx bench/credit.ts')
  .description(
    'Five models over the same conversions, from PostgreSQL to written credit rows, against plain SQL with window functions.',
  )
  .option('--conversions <list>', 'how many, several in a row', '100000,1000000')
  .option('--slice <number>', 'conversions of one transaction at most', Number, 125_000)
  .option('--lanes <number>', 'connections that work at once, for both ways; threads of the arithmetic', Number, 2)
  .option('--without-rival', 'only our own way')
  .option('--feed', 'also through the feed, under the one rule in force')
  .option('--arithmetic', 'only the arithmetic of the last number of conversions, without a database')
  .parse()
  .opts<{
    conversions: string;
    slice: number;
    lanes: number;
    withoutRival?: boolean;
    feed?: boolean;
    arithmetic?: boolean;
  }>();

if (options.arithmetic) {
  const conversions = Number(options.conversions.split(',').at(-1));
  const models = benchArithmetic(conversions);
  for (const { name, ms, rows, exactSplits } of models)
    process.stdout.write(
      `${name}: ${Math.round(ms)} ms of CPU, ${rows} credits, ${exactSplits} split by the plain rules\n`,
    );
  const all = models.reduce((sum, { ms }) => sum + ms, 0);
  process.stdout.write(
    `${conversions} conversions under ${models.length} models: ${Math.round(all)} ms of CPU on one core\n`,
  );
  const clock = await clockArithmetic(conversions, options.lanes);
  process.stdout.write(`${Math.round(clock)} ms by the clock in ${options.lanes} threads\n`);
  process.exit(0);
}

/** What five models write of a conversion, in the log. */
const LOG_GIGABYTES_EACH = 10 / 1_000_000;
const RANGE = { fromAt: '2026-04-01T00:00:00Z', toAt: '2026-06-30T00:00:00Z' };
const database = await startBenchDatabase();
const say = (line: string) => process.stdout.write(`${line}\n`);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
let peakRss = 0;
const watch = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage().rss)), 100);
try {
  await touchBuffers(database.owner);
  for (const conversions of options.conversions.split(',').map(Number)) {
    const { pool, owner, programId } = database;
    await fillJourneys(owner, programId, conversions);
    const tables = async (way: string) => {
      const made = MODELS.map((model) => ({ model, table: `credit_${way}_${model.name}` }));
      for (const { table } of made) await makeCreditTable(owner, table);
      await makeLogFiles(owner, conversions * LOG_GIGABYTES_EACH);
      return made;
    };
    say(
      `\n${conversions} conversions, ${conversions * TOUCHPOINTS_EACH} touchpoints, ${MODELS.length} models, ${options.lanes} connections`,
    );
    const ours = await tables('ours');
    peakRss = 0;
    const run = await runColumns(pool, programId, ours, { ...RANGE, ...options });
    say(
      `Tandem ${seconds(run.totalMs)}: ${run.rows} rows; of the lanes' time reading ${seconds(run.readMs)}, arithmetic ${seconds(run.arithmeticMs)}, writing ${seconds(run.writeMs)}`,
    );
    say(`memory at most ${Math.round(peakRss / 2 ** 20)} MB; split by the plain rules: ${run.exactSplits}`);
    if (options.feed) {
      const { ms, rows } = await runFeed(pool, owner, programId, RANGE);
      say(`the feed ${seconds(ms)} under one rule: ${rows} rows, ${(ms / conversions).toFixed(2)} ms a conversion`);
    }
    if (options.withoutRival) continue;
    const theirs = await tables('plain');
    const rivalMs = await runRival(pool, programId, theirs, { ...RANGE, ...options });
    say(`plain SQL ${seconds(rivalMs)}; ratio ${(run.totalMs / rivalMs).toFixed(2)} (goal: at most 0.5)`);
    const copies = await tables('copied');
    const pairs = copies.map(({ table }, index) => ({ from: ours[index]!.table, into: table }));
    const copyMs = await runCopies(pool, programId, pairs, options);
    say(`writing alone, from finished rows ${seconds(copyMs)}; ${(copyMs / rivalMs).toFixed(2)} of plain SQL`);
    for (const model of MODELS) {
      const columns = 'conversion_id, beneficiary_kind, beneficiary_id, channel, share_e12, value_minor';
      const { rows } = await owner.query<{ differing: string; all: string }>(
        `select (select count(*) from (select ${columns} from credit_ours_${model.name} except select ${columns} from credit_plain_${model.name}) d)
           + (select count(*) from (select ${columns} from credit_plain_${model.name} except select ${columns} from credit_ours_${model.name}) d) as differing,
           (select count(*) from credit_ours_${model.name}) as all`,
      );
      say(
        `  ${model.name}: ${rows[0]!.all} rows, ${rows[0]!.differing} differ${model.isExact ? '' : ' (SQL weighs in floating point)'}`,
      );
    }
  }
} finally {
  clearInterval(watch);
  await database.stop();
}
